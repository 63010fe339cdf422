import { isValidPhoneNumber, parsePhoneNumberWithError } from 'libphonenumber-js/max'
import type { RecipientFact } from '../../domain/index.ts'
import { channelNames, HOURS_MAX, hoursText, isHours, languages } from '../../domain/index.ts'
import type { NewRecipient } from '../contract-incidents.ts'
import { act, openFact } from '../facts/act.ts'
import { checkOneOf, checkText, optionalReason, refusal, requiredReason } from '../facts/checks.ts'
import type { CommandHandlers } from '../facts/command.ts'
import { placeOf } from '../facts/lookups.ts'
import { checkStands } from '../facts/places.ts'
import type { FactsReader } from '../facts/port.ts'
import { present } from '../facts/rows.ts'
import { newId } from '../facts/secrets.ts'
import { changeFrom } from '../facts/timeline.ts'
import { enterMessage, supersedeOf } from './outbox.ts'

/** Numbers without a country code are taken as mainland ones: that is how people here write them. */
const HOME_COUNTRY = 'CN'
/** RFC 5321 section 4.5.3.1: the longest path without its brackets. */
const MAIL_ADDRESS_MAX = 254
/** One address, no display name, nothing that could end a header; what it leads to only sending can tell. */
const MAIL_ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){0,8}[A-Za-z0-9-]{1,63}$/

/** Commands about who is called. */
export const recipientCommands: CommandHandlers<'recipient.create' | 'recipient.end' | 'recipient.test'> = {
  'recipient.create': async (context, input) => {
    const { tx, actor, random } = context
    const { place, name, channel, language = 'zh' } = input
    checkText('name', name)
    checkOneOf('channel', channel, channelNames)
    checkOneOf('language', language, languages)
    const address = addressFor(channel, input.address)
    const hours = checkedHours(input.hours ?? [])
    const reason = optionalReason(input.reason)
    await placeOf(tx, place)
    await checkStands(tx, place, tx.atMs, null)
    const id = newId('r', random)
    const details = { id, place, channel, language, hours, state: 'active' } as const
    const subject = `recipient:${id}`
    const entry = await act(tx, { kind: 'recipient.create', actor, subject, reason, old: null, new: details })
    return openFact(entry, 'recipient', { ...details, name, address })
  },

  'recipient.end': async ({ tx, actor }, { id, ...input }): Promise<RecipientFact> => {
    const reason = requiredReason(input.reason)
    const recipient = await present(tx, 'recipient', { id })
    if (recipient === undefined) throw refusal('not-found', `There is no recipient ${id}.`, 'Correct the id.')
    if (recipient.state === 'ended') {
      throw refusal('already-revoked', `Recipient ${id} is not called any more.`, 'Nothing needs to be done.')
    }
    const entry = await act(tx, {
      kind: 'recipient.end',
      actor,
      subject: `recipient:${id}`,
      reason,
      old: { state: 'active' },
      new: { state: 'ended' },
    })
    await supersedeOf(entry, id, 'the recipient is not called any more')
    return changeFrom(entry, 'recipient', { id }, entry.atMs, { state: 'ended' })
  },

  'recipient.test': async ({ tx, actor, random }, { id, ...written }) => {
    const recipient = await activeRecipient(tx, id)
    const subject = `recipient:${id}`
    const entry = await act(tx, { kind: 'recipient.test', actor, subject, reason: '', old: null, new: null })
    const message = { recipient, template: 'test', grade: null, outsideHours: false, ...written } as const
    return enterMessage(entry, random, null, message)
  },
}

async function activeRecipient(reader: FactsReader, id: string): Promise<RecipientFact> {
  const recipient = await present(reader, 'recipient', { id })
  if (recipient === undefined) throw refusal('not-found', `There is no recipient ${id}.`, 'Correct the id.')
  if (recipient.state === 'active') return recipient
  throw refusal('already-revoked', `Recipient ${id} is not called any more.`, 'Enter them again if they are.')
}

/** The address as it is kept. What is no number or address is not repeated: it may be somebody's all the same. */
function addressFor(channel: NewRecipient['channel'], given: string | undefined): string {
  if (channel === 'console') {
    if (given === undefined || given === '') return ''
    throw refusal(
      'bad-request',
      'The console has no address.',
      'Leave the address out, or choose another channel.',
    )
  }
  if (channel === 'mail') return mailAddress(given ?? '')
  return phoneNumber(given ?? '')
}

function phoneNumber(given: string): string {
  if (isValidPhoneNumber(given, HOME_COUNTRY)) return parsePhoneNumberWithError(given, HOME_COUNTRY).number
  throw refusal(
    'bad-request',
    'The address is not a phone number that exists.',
    'Give it with its country code, such as +86 and eleven digits; without one it is taken as Chinese.',
  )
}

function mailAddress(given: string): string {
  if (given.length <= MAIL_ADDRESS_MAX && MAIL_ADDRESS.test(given)) return given
  throw refusal(
    'bad-request',
    'The address is not a mail address.',
    'Give one such as oncall@example.org, without a name.',
  )
}

function checkedHours(hours: NonNullable<NewRecipient['hours']>): string {
  if (hours.length <= HOURS_MAX && hours.every(isHours)) return hoursText(hours)
  throw refusal(
    'bad-request',
    `The hours are more than ${HOURS_MAX}, or one of them names no day or no two different times of day.`,
    'Give days such as "mon" with from and to as HH:MM; beyond midnight the end is the earlier one.',
  )
}

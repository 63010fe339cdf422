import type { ProblemCode } from '../../domain/index.ts'
import { instantText, isName, Problem, type Role, roles, ROOT_SCOPE } from '../../domain/index.ts'
import type { CommandContext } from './command.ts'

/** Names people read: long enough for any official name, short enough for a line on screen. */
export const TEXT_CHARACTERS_MAX = 200
/** A reason is a sentence or two, not a report. */
export const REASON_CHARACTERS_MAX = 500
/** Nothing this system receives was measured before; earlier dates are slips of the keyboard or unset clocks. */
export const INSTANT_MIN_MS = Date.UTC(2000, 0, 1)
/** People's clocks differ by this much from ours; what lies further back was entered late and says why. */
export const CLOCK_TOLERANCE_MS = 300_000
/** A device expected more often than this is a fault of configuration, more rarely than daily is not monitoring. */
export const EXPECTED_INTERVAL_MIN_MS = 1_000
export const EXPECTED_INTERVAL_MAX_MS = 86_400_000

/** A refusal with its sentence and remedy. */
export function refusal(code: ProblemCode, what: string, remedy: string): Problem {
  return new Problem(code, { what, remedy })
}

/** Words with a meaning of their own: the scope above all organisations, and the tag of what is placed nowhere. */
const RESERVED: readonly string[] = [ROOT_SCOPE, 'none']

/** Throws `bad-request` unless `id` may name a `thing`. */
export function checkId(thing: string, id: string): void {
  if (isName(id) && !RESERVED.includes(id)) return
  throw refusal(
    'bad-request',
    `"${id.slice(0, TEXT_CHARACTERS_MAX)}" cannot be the id of a ${thing}.`,
    `Use 1 to 64 characters of A-Z a-z 0-9 . _ - (and not ${RESERVED.join(' or ')}).`,
  )
}

/** Throws `bad-request` unless the text is 1 to 200 visible characters. */
export function checkText(field: string, text: string): void {
  if (text.trim() !== '' && text.length <= TEXT_CHARACTERS_MAX && !/\p{Cc}/u.test(text)) return
  throw refusal(
    'bad-request',
    `The ${field} is empty, longer than ${TEXT_CHARACTERS_MAX} characters, or has control characters.`,
    `Give a ${field} of 1 to ${TEXT_CHARACTERS_MAX} characters.`,
  )
}

/** The reason to record: empty where none was given and none is needed. Throws `bad-request` above 500 characters. */
export function optionalReason(reason: string | undefined): string {
  if (reason === undefined || reason.length <= REASON_CHARACTERS_MAX) return reason ?? ''
  throw refusal(
    'bad-request',
    `The reason has ${reason.length} characters.`,
    `Give a reason of at most ${REASON_CHARACTERS_MAX} characters.`,
  )
}

/** The reason of an act that cannot go without one. Throws `bad-request` when it is blank or too long. */
export function requiredReason(reason: string): string {
  if (reason.trim() !== '') return optionalReason(reason)
  throw refusal('bad-request', 'The reason is missing.', 'Say why, for those who read the audit trail.')
}

/** Throws `bad-request` unless the value is one of those the contract names. */
export function checkOneOf(field: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return
  throw refusal(
    'bad-request',
    `"${value.slice(0, TEXT_CHARACTERS_MAX)}" is not a ${field}.`,
    `Use one of ${known.join(', ')}.`,
  )
}

/** Throws `bad-request` unless the role exists. */
export function checkRole(role: Role): void {
  checkOneOf('role', role, roles)
}

/** Throws `bad-request` unless the zone is in the IANA time zone database. */
export function checkZone(zone: string): void {
  // offsets such as +08:00 pass Intl but do not know about summer time
  if (/^[A-Za-z]/.test(zone) && isKnownZone(zone)) return
  throw refusal(
    'bad-request',
    `"${zone.slice(0, TEXT_CHARACTERS_MAX)}" is not an IANA time zone.`,
    'Use a zone such as Asia/Shanghai.',
  )
}

function isKnownZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    // Intl answers an unknown zone by throwing; the caller tells the user
    return false
  }
}

/** Throws `bad-request` unless readings may be accepted from this instant (epoch ms) on. */
export function checkAcceptFrom(acceptFromMs: number, nowMs: number): void {
  if (Number.isSafeInteger(acceptFromMs) && acceptFromMs >= INSTANT_MIN_MS && acceptFromMs <= nowMs) return
  throw refusal(
    'bad-request',
    `acceptFrom ${Number.isFinite(acceptFromMs) ? acceptFromMs : 'without a value'} lies before 2000 or in the future.`,
    'Give the date of the earliest reading this device may send, up to now.',
  )
}

/** Throws `bad-request` unless a device may be expected to report this often. */
export function checkExpectedInterval(intervalMs: number): void {
  const inRange = intervalMs >= EXPECTED_INTERVAL_MIN_MS && intervalMs <= EXPECTED_INTERVAL_MAX_MS
  if (inRange && Number.isSafeInteger(intervalMs)) return
  throw refusal(
    'bad-request',
    `An expected interval of ${intervalMs} ms is out of range.`,
    'Use whole milliseconds, from 1 second to 24 hours.',
  )
}

/**
 * The instant an act takes effect: as given, or `now` when nothing was. Throws `bad-request` unless it lies between
 * 2000 and 5 minutes after `nowMs`, and when it lies more than 5 minutes before without a reason. All in epoch ms.
 */
export function effectiveFrom(
  { nowMs, tx }: Pick<CommandContext, 'nowMs' | 'tx'>,
  givenMs: number | undefined,
  reason: string,
): number {
  if (givenMs === undefined) return tx.atMs
  checkInstant(givenMs, nowMs)
  if (givenMs < nowMs - CLOCK_TOLERANCE_MS && reason.trim() === '') {
    throw refusal(
      'bad-request',
      `This was to hold since ${instantText(givenMs)}, and no reason is given.`,
      'What is entered more than 5 minutes late needs a reason, for those who read the audit trail.',
    )
  }
  return givenMs
}

/** Throws `bad-request` unless the instant lies between 2000 and 5 minutes after `nowMs`, all in epoch ms. */
export function checkInstant(atMs: number, nowMs: number): void {
  if (Number.isSafeInteger(atMs) && atMs >= INSTANT_MIN_MS && atMs <= nowMs + CLOCK_TOLERANCE_MS) return
  throw refusal(
    'bad-request',
    `${Number.isSafeInteger(atMs) ? instantText(atMs) : 'What was given'} lies before 2000 or in the future.`,
    'Give an instant from 2000 until now.',
  )
}

/** Throws `bad-request` unless it is a whole number in the range, both ends included. */
export function checkWhole(field: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return
  throw refusal(
    'bad-request',
    `The ${field} ${value} is not a whole number from ${min} to ${max}.`,
    `Give a whole number from ${min} to ${max}.`,
  )
}

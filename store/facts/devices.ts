import { ACCEPT_BEFORE_REGISTRATION_MS } from '../../domain/index.ts'
import type { NewDevice } from '../contract.ts'
import { act, openFact } from './act.ts'
import {
  checkAcceptFrom,
  checkExpectedInterval,
  checkId,
  checkOneOf,
  checkText,
  effectiveFrom,
  optionalReason,
  refusal,
  requiredReason,
} from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { activeDevice, deviceOf, organisationOf, siteOf } from './lookups.ts'
import type { FactsReader } from './port.ts'
import { present } from './rows.ts'
import { newSecret, sha256Hex } from './secrets.ts'
import { changeFrom } from './timeline.ts'

/** How often a device is expected when nobody said otherwise: the usual cold-room logger. */
export const EXPECTED_INTERVAL_DEFAULT_MS = 300_000

/** Commands about devices and their secrets. */
export const deviceCommands: CommandHandlers<
  | 'device.create'
  | 'device.revoke'
  | 'device.accept-from'
  | 'device.expected-interval'
  | 'device.issue-secret'
> = {
  'device.create': async ({ tx, actor, random, nowMs }, input) => {
    const { id, site, kind, label = null } = input
    const acceptFrom = input.acceptFromMs ?? nowMs - ACCEPT_BEFORE_REGISTRATION_MS
    const expectedInterval = input.expectedIntervalMs ?? EXPECTED_INTERVAL_DEFAULT_MS
    checkId('device', id)
    checkOneOf('kind of device', kind, ['real', 'simulated'])
    checkAcceptFrom(acceptFrom, nowMs)
    checkExpectedInterval(expectedInterval)
    if (label !== null) checkText('label', label)
    const reason = optionalReason(input.reason)
    if ((await present(tx, 'device', { id })) !== undefined) {
      throw refusal(
        'already-exists',
        `There is or was a device ${id} already.`,
        'Choose another id; ids are never used again, not even after a device is revoked.',
      )
    }
    await checkKind(tx, input)
    const details = { id, site, kind, state: 'active', acceptFrom, expectedInterval } as const
    const subject = `device:${id}`
    const entry = await act(tx, { kind: 'device.create', actor, subject, reason, old: null, new: details })
    const device = await openFact(entry, 'device', { ...details, label })
    const secret = newSecret('device', random)
    await openFact(entry, 'device_secret', { device: id, sha256: sha256Hex(secret) })
    return { device, secret }
  },

  'device.revoke': async ({ tx, actor }, { id, ...input }) => {
    const reason = requiredReason(input.reason)
    await activeDevice(tx, id)
    const entry = await act(tx, {
      kind: 'device.revoke',
      actor,
      subject: `device:${id}`,
      reason,
      old: { state: 'active' },
      new: { state: 'revoked' },
    })
    return changeFrom(entry, 'device', { id }, entry.atMs, { state: 'revoked' })
  },

  'device.accept-from': async ({ tx, actor, nowMs }, { id, acceptFromMs, ...input }) => {
    const reason = requiredReason(input.reason)
    checkAcceptFrom(acceptFromMs, nowMs)
    const { acceptFrom } = await deviceOf(tx, id)
    const entry = await act(tx, {
      kind: 'device.accept-from',
      actor,
      subject: `device:${id}`,
      reason,
      old: { acceptFrom },
      new: { acceptFrom: acceptFromMs },
    })
    return changeFrom(entry, 'device', { id }, entry.atMs, { acceptFrom: acceptFromMs })
  },

  'device.expected-interval': async (context, { id, expectedIntervalMs, ...input }) => {
    const reason = requiredReason(input.reason)
    checkExpectedInterval(expectedIntervalMs)
    const { tx, actor } = context
    const fromMs = effectiveFrom(context, input.fromMs, reason)
    const { expectedInterval } = await deviceOf(tx, id)
    const entry = await act(tx, {
      kind: 'device.expected-interval',
      actor,
      subject: `device:${id}`,
      reason,
      old: { expectedInterval },
      new: { expectedInterval: expectedIntervalMs, fromMs },
    })
    return changeFrom(entry, 'device', { id }, fromMs, { expectedInterval: expectedIntervalMs })
  },

  'device.issue-secret': async ({ tx, actor, random }, { id, ...input }) => {
    const reason = requiredReason(input.reason)
    await activeDevice(tx, id)
    const subject = `device:${id}`
    const entry = await act(tx, { kind: 'device.issue-secret', actor, subject, reason, old: null, new: null })
    const secret = newSecret('device', random)
    await changeFrom(entry, 'device_secret', { device: id }, entry.atMs, { sha256: sha256Hex(secret) })
    return { secret }
  },
}

/** Invented readings stay in invented organisations, and real ones out of them. */
async function checkKind(reader: FactsReader, input: NewDevice): Promise<void> {
  const site = await siteOf(reader, input.site)
  const organisation = await organisationOf(reader, site.organisation)
  if ((organisation.demo === 1) === (input.kind === 'simulated')) return
  throw refusal(
    'demo-only',
    `Device ${input.id} is ${input.kind}, but ${organisation.id} is ${organisation.demo === 1 ? 'a demonstration' : 'real'}.`,
    'Simulated devices belong in demonstration organisations and nowhere else, real ones outside them.',
  )
}

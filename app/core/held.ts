import {
  type Actor,
  type Clock,
  encodeReadmission,
  instantText,
  type LogPosition,
  type MessageRecord,
  Problem,
  type Readmission,
} from '../../domain/index.ts'
import type {
  CanonicalReads,
  CommandPort,
  ConflictDecided,
  ConflictQuestion,
  HeldPort,
  HeldRecord,
  Readmitted,
} from '../../store/index.ts'
import type { Link } from '../link/index.ts'
import type { HeldCall, ReadmissionCall } from '../link/protocol.ts'

/** A message holds 4,400 readings at most. */
const HELD_MAX = 10_000
/**
 * Ingest takes some ms to come to a record where nothing waits. One that comes while it takes a wide stretch lies in
 * the next, and each of the two may take several seconds (docs/decisions/025). Behind a longer backlog nobody is kept
 * waiting.
 */
const INGEST_WAIT_MS_MAX = 15_000
const LOOK_MS = 20

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Held records, shown whole and judged again. */
export interface HeldDesk extends HeldPort {
  /** The link to the part that writes the journal; the newest stands. */
  gateway(link: Link): void
}

/** What it works with. */
export interface HeldDeskParts {
  readonly reads: Pick<CanonicalReads, 'cursor' | 'heldPage'>
  readonly commands: CommandPort
  readonly clock: Clock
  /** A record of the journal; rejects with `not-found` where there is none. */
  readonly record: (index: number) => Promise<MessageRecord>
}

/** Opens the desk. One re-admission of a record at a time; of two people who ask at once the second is told so. */
export function openHeldDesk(parts: HeldDeskParts): HeldDesk {
  const { reads, commands, record } = parts
  let gateway: Link | undefined
  const alone = oneAtATime()

  const recordOf = async ({ device, index }: HeldCall): Promise<MessageRecord> => {
    const found = await record(index)
    if (found.deviceId !== device) throw noSuchRecord(index, device)
    return found
  }
  const heldOf = (index: number, device: string): number =>
    reads.heldPage({ index, devices: [device], waiting: true }, HELD_MAX).items.length
  const linked = (): Link => {
    if (gateway === undefined || gateway.closed) throw noGateway()
    return gateway
  }
  /** Makes it durable; answers its index. */
  const append = async (link: Link, readmission: Readmission): Promise<number> => {
    const { deviceId, topic } = readmission.record
    const call: ReadmissionCall = { deviceId, topic, payload: encodeReadmission(readmission) }
    return Number(await link.call('readmission', call))
  }
  const readmit = async (
    actor: Actor,
    asked: HeldCall & { readonly reason: string },
  ): Promise<Readmitted> => {
    const { device, index, reason } = asked
    const record = await recordOf(asked)
    const heldBefore = heldOf(index, device)
    if (heldBefore === 0) throw nothingHeld(index)
    const link = linked()
    // the act first: what changes readings is never without somebody who answers for it
    const { act } = await commands.command('held.readmit', actor, { device, index, held: heldBefore, reason })
    const by = await append(link, { index, record })
    const heldNow = (await ingested(parts, by)) ? heldOf(index, device) : null
    return { act, index: by, heldBefore, heldNow }
  }
  const decide = async (actor: Actor, asked: ConflictQuestion): Promise<ConflictDecided> => {
    const { device, index, item, stands } = asked
    const record = await recordOf(asked)
    const { items } = reads.heldPage({ index, devices: [device], reason: 'conflict' }, HELD_MAX)
    const held = items.find(({ position }) => position.item === item)
    if (held === undefined) throw noConflict(index, item)
    if (held.decidedBy !== null && stands === 'stored') throw decidedAlready(index, item, held.decidedBy)
    const link = linked()
    const { act } = await commands.command('held.decide', actor, asked)
    const by = await append(link, { index, record, decision: { item, stands } })
    return { act, index: by, stands, done: await ingested(parts, by) }
  }
  return {
    gateway: (link) => {
      gateway = link
    },
    heldRecord: async (asked) => told(asked.index, await recordOf(asked)),
    readmit: (actor, asked) => alone(asked.index, () => readmit(actor, asked)),
    decide: (actor, asked) => alone(asked.index, () => decide(actor, asked)),
  }
}

/** Does what there is to do with a record, unless somebody else is at it. */
function oneAtATime() {
  const underWay = new Set<number>()
  return async <T>(index: number, work: () => Promise<T>): Promise<T> => {
    if (underWay.has(index)) throw takenAlready(index)
    underWay.add(index)
    try {
      return await work()
    } finally {
      underWay.delete(index)
    }
  }
}

/** Waits until ingest has come to a record; false when that takes too long. */
async function ingested({ reads, clock }: HeldDeskParts, index: number): Promise<boolean> {
  const untilMs = clock.monotonicMs() + INGEST_WAIT_MS_MAX
  while (reads.cursor('ingest') <= index) {
    if (clock.monotonicMs() >= untilMs) return false
    await clock.sleep(LOOK_MS)
  }
  return true
}

function told(index: number, record: MessageRecord): HeldRecord {
  const { deviceId, receivedAtMs, channel, topic, qos, payload } = record
  const bytes = payload.length
  const shown = { device: deviceId, index, receivedAt: instantText(receivedAtMs), channel, topic, qos }
  try {
    return { ...shown, payload: { as: 'text', content: utf8.decode(payload), bytes } }
  } catch {
    // Nothing is lost: what is no text is shown as the bytes it is.
    return { ...shown, payload: { as: 'hex', content: Buffer.from(payload).toString('hex'), bytes } }
  }
}

function noSuchRecord(index: number, device: string): Problem {
  return new Problem('not-found', {
    what: `Record ${index} is none of device ${device}.`,
    remedy: 'Take index and device from the list of what is held.',
  })
}

function nothingHeld(index: number): Problem {
  return new Problem('not-found', {
    what: `Nothing of record ${index} is held.`,
    remedy: 'Look at the list of what is held; what was re-admitted before is in the audit trail.',
  })
}

function noConflict(index: number, item: number): Problem {
  return new Problem('not-found', {
    what: `Reading ${item} of record ${index} is not held for contradicting another.`,
    remedy: 'Take index and item from the list of what is held for `conflict`.',
  })
}

function decidedAlready(index: number, item: number, { index: by }: LogPosition): Problem {
  return new Problem('conflict', {
    what: `Reading ${item} of record ${index} was decided about before, by record ${by}: it is not what is true.`,
    remedy: 'If it is, decide that the held one stands.',
  })
}

function takenAlready(index: number): Problem {
  return new Problem('conflict', {
    what: `Record ${index} is being judged again at this moment, for somebody else.`,
    remedy: 'Look at the list of what is held in a moment.',
  })
}

function noGateway(): Problem {
  return new Problem('journal-unavailable', {
    what: 'No gateway is linked to this core, and a re-admission is a record of its journal.',
    remedy: 'Start the gateway, then ask again. Nothing has changed.',
  })
}

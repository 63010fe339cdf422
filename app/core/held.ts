import {
  type Actor,
  type Clock,
  encodeReadmission,
  instantText,
  type MessageRecord,
  Problem,
} from '../../domain/index.ts'
import type { CanonicalReads, CommandPort, HeldPort, HeldRecord, Readmitted } from '../../store/index.ts'
import type { Link } from '../link/index.ts'
import type { HeldCall, ReadmissionCall } from '../link/protocol.ts'

/** A message holds 4,400 readings at most. */
const HELD_MAX = 10_000
/** Ingest takes some ms to come to a record; behind a backlog nobody is kept waiting for it. */
const INGEST_WAIT_MS_MAX = 5_000
const LOOK_MS = 20

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Held records, shown whole and judged again. */
export interface HeldDesk extends HeldPort {
  /** The link to the part that writes the journal; the newest stands. */
  gateway(link: Link): void
}

/** What it works with. */
export interface HeldDeskParts {
  readonly reads: CanonicalReads
  readonly commands: CommandPort
  readonly clock: Clock
  /** A record of the journal; rejects with `not-found` where there is none. */
  readonly record: (index: number) => Promise<MessageRecord>
}

/** Opens the desk. One re-admission of a record at a time; of two people who ask at once the second is told so. */
export function openHeldDesk({ reads, commands, clock, record }: HeldDeskParts): HeldDesk {
  let gateway: Link | undefined
  const underWay = new Set<number>()

  const recordOf = async ({ device, index }: HeldCall): Promise<MessageRecord> => {
    const found = await record(index)
    if (found.deviceId !== device) throw noSuchRecord(index, device)
    return found
  }
  const heldOf = (index: number, device: string): number =>
    reads.heldPage({ index, devices: [device] }, HELD_MAX).items.length

  const ingested = async (index: number): Promise<boolean> => {
    const untilMs = clock.monotonicMs() + INGEST_WAIT_MS_MAX
    while (reads.cursor('ingest') <= index) {
      if (clock.monotonicMs() >= untilMs) return false
      await clock.sleep(LOOK_MS)
    }
    return true
  }
  const readmit = async (
    actor: Actor,
    asked: HeldCall & { readonly reason: string },
  ): Promise<Readmitted> => {
    const { device, index, reason } = asked
    const old = await recordOf(asked)
    const heldBefore = heldOf(index, device)
    if (heldBefore === 0) throw nothingHeld(index)
    const link = gateway
    if (link === undefined || link.closed) throw noGateway()
    // the act first: what changes readings is never without somebody who answers for it
    const { act } = await commands.command('held.readmit', actor, { device, index, held: heldBefore, reason })
    const payload = encodeReadmission({ index, record: old })
    const call: ReadmissionCall = { deviceId: device, topic: old.topic, payload }
    const by = Number(await link.call('readmission', call))
    const heldNow = (await ingested(by)) ? heldOf(index, device) : null
    return { act, index: by, heldBefore, heldNow }
  }
  return {
    gateway: (link) => {
      gateway = link
    },
    heldRecord: async (asked) => told(asked.index, await recordOf(asked)),
    readmit: async (actor, asked) => {
      if (underWay.has(asked.index)) throw takenAlready(asked.index)
      underWay.add(asked.index)
      try {
        return await readmit(actor, asked)
      } finally {
        underWay.delete(asked.index)
      }
    },
  }
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

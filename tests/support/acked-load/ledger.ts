import { type LoggedReading, readLog, sentLog } from './logged.ts'

/** What a comparison of the ack log with the store found. Both lists of a good run are empty. */
export interface Comparison {
  /** Readings acknowledged, each once. */
  readonly acked: number
  /** Readings stored. */
  readonly stored: number
  /** Acknowledged and not stored. */
  readonly lost: number
  /** Stored and never sent, stored twice, or stored with another time or value than was sent or acknowledged. */
  readonly phantom: number
  /** The first few of both, in words, for people. */
  readonly examples: readonly string[]
}

/** More would only scroll away what matters. */
const EXAMPLES_MAX = 10

interface Entry {
  sent?: LoggedReading
  acked?: LoggedReading
  stored: boolean
}

/** Compares what devices were promised with what is there; `stored` comes from outside, by HTTP. */
export async function compare(ackLog: string, stored: AsyncIterable<LoggedReading>): Promise<Comparison> {
  const entries = new Map<string, Map<number, Entry>>()
  for await (const reading of readLog(sentLog(ackLog))) entryOf(entries, reading).sent = reading
  for await (const reading of readLog(ackLog)) entryOf(entries, reading).acked = reading
  const examples: string[] = []
  const note = (what: string, { device, seq }: LoggedReading): void => {
    if (examples.length < EXAMPLES_MAX) examples.push(`${what}: ${device} ${seq}`)
  }
  let [storedCount, phantom] = [0, 0]
  for await (const reading of stored) {
    storedCount += 1
    const entry = entries.get(reading.device)?.get(reading.seq)
    const objection = objectionTo(reading, entry)
    if (entry !== undefined) entry.stored = true
    if (objection === undefined) continue
    phantom += 1
    note(objection, reading)
  }
  let [acked, lost] = [0, 0]
  for (const bySeq of entries.values()) {
    for (const entry of bySeq.values()) {
      if (entry.acked === undefined) continue
      acked += 1
      if (entry.stored) continue
      lost += 1
      note('lost', entry.acked)
    }
  }
  return { acked, stored: storedCount, lost, phantom, examples }
}

function entryOf(entries: Map<string, Map<number, Entry>>, { device, seq }: LoggedReading): Entry {
  const bySeq = entries.get(device) ?? new Map<number, Entry>()
  entries.set(device, bySeq)
  const entry = bySeq.get(seq) ?? { stored: false }
  bySeq.set(seq, entry)
  return entry
}

function objectionTo(reading: LoggedReading, entry: Entry | undefined): string | undefined {
  if (entry?.sent === undefined) return 'never sent'
  if (entry.stored) return 'stored twice'
  const others = [entry.sent, entry.acked].filter((each) => each !== undefined)
  return others.every(({ at, temperature }) => at === reading.at && temperature === reading.temperature)
    ? undefined
    : 'another time or value'
}

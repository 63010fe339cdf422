import { publishTopic, RecordEncoder } from '../../domain/index.ts'
import { openBenchJournal } from '../journal.ts'
import type { Credentials } from '../load/device.ts'
import { READING_BYTES, writeReading } from '../load/packets.ts'

/** Readings of a logger in a day, one every ten minutes. */
export const READINGS_PER_DAY = 144
export const STEP_MS = 600_000
/** Of the first reading of a day: numbers before it are those of days before. */
export const FIRST_SEQ = 1_000_000_000_000
/** From the probe to the gateway. */
const ROAD_MS = 2_000
const APPENDED_AT_ONCE = 4_096
/** Every so many loggers are too warm for these readings of the day: two hours in the morning. */
const WARM_EVERY = 50
const WARM = { from: 60, to: 72 }

/**
 * Writes the day of all devices into the journal, one reading a record, in the order it came in. It begins at `fromMs`.
 * Answers how many records that is.
 */
export async function writeDay(
  directory: string,
  devices: readonly Credentials[],
  fromMs: number,
): Promise<number> {
  const journal = await openBenchJournal(directory)
  const encoders = devices.map(({ id }) => new RecordEncoder(id, publishTopic(id, 'readings')))
  const payload = new Uint8Array(READING_BYTES)
  let some: Promise<number>[] = []
  for (let nth = 0; nth < READINGS_PER_DAY; nth += 1) {
    for (const [at, encoder] of encoders.entries()) {
      const offsetMs = Math.floor((at * STEP_MS) / devices.length)
      const first = { atMs: fromMs + offsetMs, stepMs: STEP_MS, seq: FIRST_SEQ }
      const isWarm = at % WARM_EVERY === 0 && nth >= WARM.from && nth < WARM.to
      writeReading(payload, 0, nth, first, isWarm)
      const receivedAtMs = first.atMs + nth * STEP_MS + ROAD_MS
      some.push(journal.append(encoder.encode(receivedAtMs, { channel: 'mqtt', qos: 1, payload })))
      if (some.length < APPENDED_AT_ONCE) continue
      await Promise.all(some)
      some = []
    }
  }
  await Promise.all(some)
  await journal.close()
  return devices.length * READINGS_PER_DAY
}

import { publishTopic, RecordEncoder } from '../../domain/index.ts'
import { SENSORS } from '../engine/fleet.ts'
import type { Stream } from '../engine/stream.ts'
import { openBenchJournal } from '../journal.ts'

const PREFIX = 'logger-'
/** From the probe to the gateway. */
const ROAD_MS = 2_000
const APPENDED_AT_ONCE = 4_096
const MILLI = 1_000

/** Id of the device of a sensor; its sensor is `main`. */
export function deviceOf(sensor: number): string {
  return `${PREFIX}${String(sensor).padStart(4, '0')}`
}

/** The sensor of a device of that id. */
export function sensorOf(device: string): number {
  return Number(device.slice(PREFIX.length))
}

/** Writes the readings into a journal, one a record, in the wire format, as they come. */
export async function writeMonth(
  directory: string,
  { sensors, timesMs, milliC }: Stream,
  onWritten: (records: number) => void,
): Promise<void> {
  const journal = await openBenchJournal(directory)
  const encoders = Array.from({ length: SENSORS }, (_none, sensor) => {
    const device = deviceOf(sensor)
    return new RecordEncoder(device, publishTopic(device, 'readings'))
  })
  const text = new TextEncoder()
  let some: Promise<number>[] = []
  for (const [nth, sensor] of sensors.entries()) {
    const at = timesMs[nth] ?? 0
    const seq = Math.floor(nth / SENSORS)
    const temperature = (milliC[nth] ?? 0) / MILLI
    const more = { humidity: 45.2, battery: 88, doorOpen: false, mainsPower: true }
    const payload = text.encode(JSON.stringify({ at, seq, sensor: 'main', temperature, ...more }))
    const bytes = encoders[sensor]?.encode(at + ROAD_MS, { channel: 'mqtt', qos: 1, payload })
    if (bytes === undefined) continue
    some.push(journal.append(bytes))
    if (some.length < APPENDED_AT_ONCE) continue
    await Promise.all(some)
    some = []
    onWritten(nth + 1)
  }
  await Promise.all(some)
  await journal.close()
}

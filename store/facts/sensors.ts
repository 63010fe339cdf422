import { type Actor, sensorPath } from '../../domain/index.ts'
import { act, openFact } from './act.ts'
import { refusal } from './checks.ts'
import { registeredDevices } from './lookups.ts'
import type { Facts, FactsTransaction } from './port.ts'

/** A sensor that sent its first reading. */
export interface NewSensor {
  readonly device: string
  readonly name: string
  /** When its first reading was received, epoch ms; the fact holds from then. */
  readonly sinceMs: number
}

/** What became of a batch of sensors. */
export interface RegisteredSensors {
  /** How many were new. */
  readonly registered: number
  /** Devices that are not registered here; their sensors were left out. Log them: the facts lack a device that sent. */
  readonly unknownDevices: readonly string[]
}

/** Sensors in one call, so that commands do not wait for its transaction longer than 20 ms. */
export const SENSORS_PER_CALL_MAX = 100

/**
 * Registers sensors that appeared with their first reading, one act per device. Those known already are left as
 * they are, so rows may come again after a crash. Rejects with `bad-request` above 100 rows.
 */
export async function registerSensors(
  facts: Facts,
  actor: Actor,
  rows: readonly NewSensor[],
): Promise<RegisteredSensors> {
  if (rows.length > SENSORS_PER_CALL_MAX) {
    throw refusal(
      'bad-request',
      `${rows.length} sensors are too many for one call.`,
      `Register at most ${SENSORS_PER_CALL_MAX} at a time.`,
    )
  }
  return facts.transact(async (tx) => {
    const devices = [...new Set(rows.map((row) => row.device))]
    const known = await registeredDevices(tx, devices)
    const unknownDevices = devices.filter((device) => !known.has(device))
    const fresh = await freshSensors(
      tx,
      rows.filter((row) => known.has(row.device)),
    )
    for (const [device, sensors] of Map.groupBy(fresh, (row) => row.device)) {
      await registerOf(tx, actor, device, sensors)
    }
    return { registered: fresh.length, unknownDevices }
  })
}

/** The rows that are not registered yet, each sensor once. */
async function freshSensors(tx: FactsTransaction, rows: readonly NewSensor[]): Promise<readonly NewSensor[]> {
  const devices = [...new Set(rows.map((row) => row.device))]
  if (devices.length === 0) return []
  const known = await tx.all(
    tx.db.selectFrom('live_sensor').select(['device', 'name']).where('device', 'in', devices),
  )
  const seen = new Set(known.map((row) => sensorPath(row.device, row.name)))
  return rows.filter(({ device, name }) => {
    const path = sensorPath(device, name)
    if (seen.has(path)) return false
    seen.add(path)
    return true
  })
}

async function registerOf(
  tx: FactsTransaction,
  actor: Actor,
  device: string,
  sensors: readonly NewSensor[],
): Promise<void> {
  const entry = await act(tx, {
    kind: 'sensor.register',
    actor,
    subject: `device:${device}`,
    reason: '',
    old: null,
    new: { sensors: sensors.map((sensor) => sensor.name) },
  })
  for (const { name, sinceMs } of sensors) await openFact(entry, 'sensor', { device, name }, sinceMs)
}

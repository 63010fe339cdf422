import * as fc from 'fast-check'
import type { PointReading } from '../../alerts/index.ts'
import { FUTURE_TOLERANCE_MS, isLivePace, maxGapMs } from '../../domain/index.ts'
import { MINUTE_MS, minute } from '../alerts/series.ts'

/** A reading as sent; `at` in minutes of the series. */
export interface Sent {
  readonly at: number | null
  readonly seq: number | null
  readonly temperature: number
}

/** A message with its time of receipt, in minutes of the series; in a list they come in the order of the log. */
export interface Delivery {
  readonly received: number
  readonly items: readonly Sent[]
}

/** How often the device should send. */
export const EXPECTED_INTERVAL_MS = 5 * MINUTE_MS
const TEMPERATURE_OTHER_BY = 1.5
/** Minutes from `at` to receipt: both sides of 5 ahead, which is distrusted, and of 15 behind, which is late. */
const delays = [-6, -5, 0, 15, 16, 30]

const anyReading = fc.record({
  step: fc.constantFrom(0, 1, 5, 5, 15, 16, 17, 40),
  isDated: fc.constantFrom(true, true, true, false),
  isNumbered: fc.boolean(),
  temperature: fc.constantFrom(5, 5, 7.5, 9, 12, 1),
  delays: fc.array(fc.constantFrom(...delays), { minLength: 1, maxLength: 3 }),
  isOtherLater: fc.boolean(),
})

/** Readings with and without `at` and number, each delivered up to three times, alone or together. */
export const anyDeliveries: fc.Arbitrary<readonly Delivery[]> = fc
  .tuple(fc.array(anyReading, { minLength: 2, maxLength: 7 }), fc.boolean())
  .map(([readings, isTogether]) => {
    let at = 20
    const alone = readings.flatMap((reading, nth) => {
      at += reading.step
      // from 10 on, because a fall to 0 or 1 begins another boot
      const sent = { at: reading.isDated ? at : null, seq: reading.isNumbered ? 10 + nth : null }
      return reading.delays.map((delay, again): Delivery => {
        const otherBy = again > 0 && reading.isOtherLater ? TEMPERATURE_OTHER_BY : 0
        return { received: at + delay, items: [{ ...sent, temperature: reading.temperature + otherBy }] }
      })
    })
    const inOrder = alone.toSorted((one, other) => one.received - other.received)
    if (!isTogether) return inOrder
    return [...Map.groupBy(inOrder, ({ received }) => received)].map(([received, same]) => {
      return { received, items: same.flatMap(({ items }) => items) }
    })
  })

/** What must come of deliveries. */
export interface Delivered {
  /** By their time; those of one instant in no order. */
  readonly readings: readonly PointReading[]
  /** When a temperature that was new came, epoch ms; ascends. */
  readonly heardMs: readonly number[]
}

/** The words of design section 5, delivery by delivery: what is known stands, and what is not is judged by its time. */
export function expectedOfDeliveries(deliveries: readonly Delivery[]): Delivered {
  const known = new Set<string>()
  const taken = new Set<string>()
  const ahead = new Map<string, number>()
  const readings: PointReading[] = []
  const heardMs: number[] = []
  let previousMs: number | null = null
  for (const delivery of deliveries) {
    const receivedMs = minute(delivery.received)
    const isPaced = isLivePace(receivedMs, previousMs, EXPECTED_INTERVAL_MS)
    previousMs = receivedMs
    for (const sent of delivery.items) {
      const identity = identityOf(sent, delivery)
      if (identity !== null && known.has(identity)) continue
      // the same delivery once more: waiting makes its time no truer
      if (sent.seq !== null && ahead.get(`${sent.at} ${sent.seq}`) === sent.temperature) continue
      const isAlone = delivery.items.length === 1
      const statedMs = acceptedMs(sent, delivery.received)
      const canArrive = isAlone && (sent.at === null || (isPaced && isAhead(sent.at, delivery.received)))
      let tMs = statedMs ?? receivedMs
      if (statedMs === undefined) {
        if (!canArrive) {
          if (sent.at !== null && isAhead(sent.at, delivery.received)) noteAhead(ahead, sent)
          continue
        }
        while (taken.has(`${tMs} ${sent.seq}`)) tMs += 1
      }
      if (taken.has(`${tMs} ${sent.seq}`)) continue
      taken.add(`${tMs} ${sent.seq}`)
      if (identity !== null) known.add(identity)
      readings.push({ tMs, value: sent.temperature * 1_000 })
      heardMs.push(receivedMs)
    }
  }
  return { readings: inOrderOf(readings), heardMs }
}

/** What was held because it was ahead; of those of one identity the first stands. */
function noteAhead(ahead: Map<string, number>, { at, seq, temperature }: Sent): void {
  const identity = `${at} ${seq}`
  if (seq !== null && !ahead.has(identity)) ahead.set(identity, temperature)
}

/** By time, and of one instant by value. */
export function inOrderOf(readings: readonly PointReading[]): PointReading[] {
  return readings.toSorted((one, other) => one.tMs - other.tMs || (one.value ?? 0) - (other.value ?? 0))
}

/** Whether a reading came once so that its `at` is accepted and once so that it is not. */
export function crossesLimit(deliveries: readonly Delivery[]): boolean {
  const sides = deliveries.flatMap(({ received, items }) =>
    items.flatMap((sent) =>
      sent.at === null ? [] : [{ sent: `${sent.at} ${sent.seq}`, isAccepted: acceptedMs(sent, received) }],
    ),
  )
  return [...Map.groupBy(sides, ({ sent }) => sent).values()].some(
    (same) =>
      same.some(({ isAccepted }) => isAccepted !== undefined) &&
      same.some(({ isAccepted }) => isAccepted === undefined),
  )
}

/** Without `at` the whole message tells a reading from another of its number; with neither, nothing does. */
function identityOf({ at, seq }: Sent, { items }: Delivery): string | null {
  if (at !== null) return `${at} ${seq}`
  return seq === null ? null : `${seq} ${JSON.stringify(items)}`
}

function isAhead(at: number, received: number): boolean {
  return minute(at) > minute(received) + FUTURE_TOLERANCE_MS
}

/** `at` as an instant, where it may be used; undefined where not. */
function acceptedMs({ at, seq }: Sent, received: number): number | undefined {
  if (at === null || isAhead(at, received)) return undefined
  const isLate = minute(received) - minute(at) > maxGapMs(EXPECTED_INTERVAL_MS)
  return isLate && seq === null ? undefined : minute(at)
}

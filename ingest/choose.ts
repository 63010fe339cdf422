import {
  type DecidedReading,
  decideFor,
  type DeviceReading,
  type Measurements,
  marks,
  maxGapMs,
} from '../domain/index.ts'
import type { StoredReading } from '../store/index.ts'
import type { Placement, RecordContext } from './identify.ts'

/**
 * Puts a held reading in place of what it contradicts, because somebody decided so: its values stand, and who had told
 * others is held in its stead, with what stood (docs/decisions/024). Key and instant stay: they were decided by the
 * delivery that came first, and are not what is in question.
 */
export function choose(context: RecordContext, standing: StoredReading, reading: DeviceReading): Placement {
  const { tx, index, judgedBy, receivedAtMs } = context
  const { item, values } = reading
  const stored = { values: standing.values, first: standing, parts: tx.parts(standing) }
  const decided = decideFor(stored, { index, item, receivedAtMs, values })
  tx.replace(standing, { ...decided, marks: marksOf(context, standing, decided) }, judgedBy)
  for (const delivery of decided.lost) {
    // it may have lost before, and be held since
    if (tx.heldFor(delivery) !== undefined) continue
    const isFirst = delivery.index === standing.index && delivery.item === standing.item
    context.lose(isFirst ? 'stored' : 'complement', {
      index: delivery.index,
      item: delivery.item,
      receivedAtMs: delivery.receivedAtMs,
      detail: `${contradicted(delivery.values, values)}; decided by record ${judgedBy}`,
      excerpt: JSON.stringify({ ...identityOf(standing, reading), ...asSent(delivery.values) }),
    })
  }
  return { outcome: decided.first.index === index && decided.first.item === item ? 'stored' : 'complement' }
}

/** Whether it was delivered late goes by the delivery it is stored as; what is distrusted stays so. */
function marksOf({ terms }: RecordContext, standing: StoredReading, { first }: DecidedReading): number {
  if (standing.atMs !== standing.tMs) return standing.marks
  const isLate = first.receivedAtMs - standing.tMs > maxGapMs(terms.expectedIntervalMs)
  return (standing.marks & ~marks.storeAndForward) | (isLate ? marks.storeAndForward : 0)
}

/** What is wrong in what had stood, in the words of a conflict. */
function contradicted(lost: Measurements, now: Measurements): string {
  for (const quantity of Object.keys(lost) as (keyof Measurements)[]) {
    const value = now[quantity]
    if (value !== undefined && value !== lost[quantity]) {
      return conflictDetail(quantity, now, lost)
    }
  }
  return ''
}

/** What contradicts what, for whoever decides. */
export function conflictDetail(
  quantity: keyof Measurements,
  stored: Measurements,
  arrived: Measurements,
): string {
  return `${quantity}: stored ${String(stored[quantity])}, arrived ${String(arrived[quantity])}`
}

function identityOf({ atMs, seq }: StoredReading, { sensor }: DeviceReading): object {
  return { ...(atMs !== null && { at: atMs }), ...(seq !== null && { seq }), sensor }
}

/** The fields of a message that say so. */
function asSent(values: Measurements): object {
  const { temperatureMilliC, humidityMilliPct, batteryMilliPct, doorOpen, mainsPower, latE7, lonE7 } = values
  return {
    ...(temperatureMilliC !== undefined && { temperature: temperatureMilliC / 1_000 }),
    ...(humidityMilliPct !== undefined && { humidity: humidityMilliPct / 1_000 }),
    ...(batteryMilliPct !== undefined && { battery: batteryMilliPct / 1_000 }),
    ...(doorOpen !== undefined && { doorOpen }),
    ...(mainsPower !== undefined && { mainsPower }),
    ...(latE7 !== undefined && { lat: latE7 / 1e7 }),
    ...(lonE7 !== undefined && { lon: lonE7 / 1e7 }),
  }
}

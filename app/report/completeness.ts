import { cut, type Period, POINT_DAYS_MAX, pointDays } from '../../batches/index.ts'
import { placeTimeInBand } from '../../alerts/index.ts'
import { Problem } from '../../domain/index.ts'
import {
  type Completeness,
  type CompletenessPiece,
  type HeldTally,
  intervalCounter,
} from '../../reports/index.ts'
import type { CanonicalReads, FactsView } from '../../store/index.ts'
import { namesIn } from './named.ts'
import type { WatchedSpan } from './spans.ts'

/** What the completeness of a record is counted from. */
export interface CompletenessParts {
  readonly reads: CanonicalReads
  readonly view: FactsView
  /** Called between the days, so that others may be answered meanwhile. */
  readonly rest: () => Promise<void>
}

const DAY_MS = 86_400_000

/** A piece before its readings were counted. */
type PieceTerms = Pick<CompletenessPiece, 'device' | 'sensor' | 'intervalMs'> & Period

/**
 * Counts what was expected, came, came late, came twice and is missing in spans, and what was held meanwhile.
 * Rejects with `bad-request` above 4,000 days of points.
 */
export async function completenessOf(
  parts: CompletenessParts,
  spans: readonly WatchedSpan[],
  period: Period,
  asOfMs: number,
): Promise<Completeness> {
  const wanted = spans.flatMap((span) => termsOf(parts.view, span).map((terms) => ({ span, terms })))
  checkSize(wanted.map(({ terms }) => terms))
  const pieces: CompletenessPiece[] = []
  for (const { span, terms } of wanted) pieces.push(await pieceOf(parts, span, terms, asOfMs))
  return { pieces, held: heldIn(parts.reads, pieces, period) }
}

async function pieceOf(
  { reads, view, rest }: CompletenessParts,
  { place, point }: WatchedSpan,
  terms: PieceTerms,
  asOfMs: number,
): Promise<CompletenessPiece> {
  const { device, sensor, intervalMs, fromMs, toMs } = terms
  const names = namesIn(view)
  const where = { place: names.place(place.id), point: point === null ? null : names.point(point.id) }
  const same = { ...where, device, sensor, intervalMs, fromMs, toMs }
  const sum = { stored: 0, late: 0, duplicate: 0, unknownMs: 0 }
  if (point === null) return { ...same, ...sum, expected: 0, missing: 0, unknownMs: toMs - fromMs }
  const counter = intervalMs === null ? undefined : intervalCounter(fromMs, toMs, intervalMs)
  const swept = { facts: view, sweep: placeTimeInBand, temperatures: reads.temperatures.bind(reads) }
  for (const day of pointDays(swept, point, { fromMs, toMs }, asOfMs)) {
    for (const { tMs } of day.readings) counter?.see(tMs)
    sum.unknownMs += day.unknownMs
    if (device !== null && sensor !== null) {
      const tally = reads.tally({ device, sensor, fromMs: day.fromMs, toMs: day.toMs })
      sum.stored += tally.stored
      sum.late += tally.late
      sum.duplicate += tally.duplicate
    }
    await rest()
  }
  return { ...same, ...sum, expected: counter?.expected ?? 0, missing: counter?.missing() ?? 0 }
}

/** A span cut where another sensor comes, none is there, or another interval is expected. */
function termsOf(view: FactsView, span: WatchedSpan): readonly PieceTerms[] {
  const nothing = { device: null, sensor: null, intervalMs: null }
  if (span.point === null) return [{ ...nothing, fromMs: span.fromMs, toMs: span.toMs }]
  const placed = view
    .placementsAt(span.point.id, span)
    .filter(({ standing }) => standing === 'judged')
    .map((row) => ({ ...nothing, device: row.device, sensor: row.sensor, ...cut(row, span) }))
  return filled(placed, span, nothing).flatMap((sensor) => {
    if (sensor.device === null) return [sensor]
    // what came before a device was registered is measured by what was expected of it first
    const expected = view.deviceHistory(sensor.device).map((row, index) => {
      const held = index === 0 ? { ...row, validFrom: sensor.fromMs } : row
      return { ...sensor, intervalMs: row.expectedInterval, ...cut(held, sensor) }
    })
    return joined(filled(expected, sensor, sensor))
  })
}

/** Pieces of a period by time, with `between` where there is none of them. */
function filled(
  pieces: readonly PieceTerms[],
  period: Period,
  between: Omit<PieceTerms, keyof Period>,
): readonly PieceTerms[] {
  const all: PieceTerms[] = []
  let { fromMs } = period
  const hole = (toMs: number): void => {
    if (fromMs < toMs) all.push({ ...between, fromMs, toMs })
  }
  const ordered = pieces.filter((piece) => piece.fromMs < piece.toMs).toSorted((a, b) => a.fromMs - b.fromMs)
  for (const piece of ordered) {
    hole(piece.fromMs)
    all.push(piece)
    fromMs = piece.toMs
  }
  hole(period.toMs)
  return all
}

/** A device has a new row for whatever changes of it: what expects the same is one piece. */
function joined(pieces: readonly PieceTerms[]): readonly PieceTerms[] {
  const all: PieceTerms[] = []
  for (const piece of pieces) {
    const before = all.at(-1)
    if (before?.intervalMs === piece.intervalMs) all[all.length - 1] = { ...before, toMs: piece.toMs }
    else all.push(piece)
  }
  return all
}

function heldIn(
  reads: CanonicalReads,
  pieces: readonly CompletenessPiece[],
  period: Period,
): readonly HeldTally[] {
  const sensors = new Map<string, Set<string>>()
  for (const { device, sensor } of pieces) {
    if (device === null || sensor === null) continue
    sensors.set(device, (sensors.get(device) ?? new Set()).add(sensor))
  }
  return [...sensors.keys()]
    .toSorted()
    .flatMap((device) =>
      reads.heldCounts(device, [...(sensors.get(device) ?? [])], period).map((held) => ({ device, ...held })),
    )
}

function checkSize(pieces: readonly Period[]): void {
  const days = pieces.reduce((sum, { fromMs, toMs }) => sum + Math.ceil((toMs - fromMs) / DAY_MS), 0)
  if (days <= POINT_DAYS_MAX) return
  throw new Problem('bad-request', {
    what: `The report takes ${days} days of points; one report has ${POINT_DAYS_MAX} at most.`,
    remedy: 'Ask for a shorter period, or for a place with fewer points.',
  })
}

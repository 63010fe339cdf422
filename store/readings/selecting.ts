import { sensorPath } from '../../domain/index.ts'
import type { CanonicalSelection, PlacedPeriods } from './canonical-port.ts'
import type { NumericQuantity, Period } from './port.ts'
import { UNPLACED } from './port.ts'
import type { Prepare } from './sqlite.ts'

/** The column of a quantity, in thousandths of its unit. */
export const quantityColumn = {
  temperature: 'temperature_milli_c',
  humidity: 'humidity_milli_pct',
  battery: 'battery_milli_pct',
} as const satisfies Record<NumericQuantity, string>

/** The readings of one series in [fromMs, toMs), epoch ms. */
export interface Piece extends Period {
  readonly series: number
  /** How the sensor is named outside. */
  readonly path: string
}

/** The pieces a selection has in a period, by time; only of `devices` when given. None of them overlap. */
export type PiecesOf = (
  selection: CanonicalSelection,
  period: Period,
  devices?: readonly string[],
) => readonly Piece[]

/** Before and after everything, for what is asked without a period. */
export const always: Period = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

interface NumberedSeries {
  readonly no: number
  readonly device: string
  readonly sensor: string
}

/** Finds the pieces of selections; `placed` knows where the sensors are. */
export function piecesFinder(prepare: Prepare, placed: PlacedPeriods): PiecesOf {
  const one = prepare<{ no: number }>(
    'select s.no from device d cross join series s on s.device = d.no where d.id = ? and s.sensor = ?',
  )
  const all = prepare<NumberedSeries>(
    'select s.no, d.id as device, s.sensor from series s join device d on d.no = s.device order by s.no',
  )
  const wanted = (selection: CanonicalSelection, period: Period) => {
    if (selection.by === 'pieces') return selection.pieces
    if (selection.by === 'sensor') return [{ ...selection, ...period }]
    return placed.at(selection.point, period)
  }
  const unplaced = (period: Period): (Period & NumberedSeries)[] =>
    all
      .all()
      .flatMap((series) =>
        without(period, placed.of(series.device, series.sensor)).map((free) => ({ ...series, ...free })),
      )
  return (selection, period, devices) => {
    const numbered =
      selection.by === 'point' && selection.point === UNPLACED
        ? unplaced(period)
        : wanted(selection, period).flatMap((piece) => {
            const no = one.get(piece.device, piece.sensor)?.no
            return no === undefined ? [] : [{ ...piece, no }]
          })
    const inScope = devices === undefined ? undefined : new Set(devices)
    return numbered
      .filter(({ device }) => inScope?.has(device) ?? true)
      .map(({ no, device, sensor, fromMs, toMs }) => ({
        series: no,
        path: sensorPath(device, sensor),
        fromMs: Math.max(fromMs, period.fromMs),
        toMs: Math.min(toMs, period.toMs),
      }))
      .filter(({ fromMs, toMs }) => fromMs < toMs)
      .toSorted((a, b) => a.fromMs - b.fromMs)
  }
}

/** The pieces as a parameter for `json_each`. */
export function piecesJson(pieces: readonly Piece[]): string {
  return JSON.stringify(pieces.map(({ series, fromMs, toMs }) => [series, fromMs, toMs]))
}

/**
 * The readings `r` of pieces given as `piecesJson`. `cross join` keeps the order of the tables: each piece is
 * sought by its key, never over the whole table.
 */
export const FROM_PIECES = `from json_each(?) p cross join reading r on r.series = p.value ->> 0
  and r.t >= p.value ->> 1 and r.t < p.value ->> 2`

/** The faults `f` of such pieces. */
export const FAULTS_FROM_PIECES = `from json_each(?) p cross join fault f on f.series = p.value ->> 0
  and f.t >= p.value ->> 1 and f.t < p.value ->> 2`

/** What of a period lies in none of the others, which are earliest first and do not overlap. */
function without(period: Period, others: readonly Period[]): Period[] {
  const free: Period[] = []
  let { fromMs } = period
  for (const other of others) {
    if (other.toMs <= fromMs) continue
    if (other.fromMs >= period.toMs) break
    if (other.fromMs > fromMs) free.push({ fromMs, toMs: other.fromMs })
    fromMs = other.toMs
  }
  if (fromMs < period.toMs) free.push({ fromMs, toMs: period.toMs })
  return free
}

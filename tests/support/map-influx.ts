import type { InfluxWriter } from '../../store/index.ts'
import { textsOf } from './influx-lines.ts'

type DeletedPoints = Parameters<InfluxWriter['deletePoints']>[0]

/** What a point tells: fields as they are written. */
type Fields = Readonly<Record<string, string>>

/** An InfluxDB that keeps the points of one measurement in memory, and can lose its answers. */
export interface MapInflux extends InfluxWriter {
  /** Points by the value of tag `point`, and by their time (epoch ms). */
  readonly points: ReadonlyMap<string, ReadonlyMap<number, Fields>>
  /** What was deleted. */
  readonly deleted: DeletedPoints[]
  /** Of the next calls so many are carried out and answered with nothing. */
  lose(calls: number): void
}

const gone = { kind: 'retry', what: 'gone', remedy: 'Start it.', afterMs: null } as const

/** Makes one; other measurements are taken and forgotten. */
export function mapInflux(measurement: string): MapInflux {
  const points = new Map<string, Map<number, Fields>>()
  const deleted: DeletedPoints[] = []
  let losing = 0
  const isLost = (): boolean => {
    losing -= 1
    return losing >= 0
  }
  const put = (line: string): void => {
    const [key = '', fields = '', time = ''] = line.split(' ')
    const point = /,point=([^,]+)/.exec(key)?.[1] ?? ''
    const told = fields.split(',').map((field) => field.split('=') as [string, string])
    const ofPoint = points.get(point) ?? new Map<number, Fields>()
    ofPoint.set(Number(BigInt(time) / 1_000_000n), Object.fromEntries(told))
    points.set(point, ofPoint)
  }
  return {
    points,
    deleted,
    lose: (calls) => {
      losing = calls
    },
    write: async (lines) => {
      for (const line of textsOf(lines)) if (line.startsWith(`${measurement},`)) put(line)
      return isLost() ? gone : { kind: 'written', refused: [], expired: 0 }
    },
    deletePoints: async (which) => {
      const { tag, fromMs = -Infinity, toMs = Infinity } = which
      if (which.measurement !== measurement) return { kind: 'deleted' }
      deleted.push(which)
      const ofPoint = points.get(tag?.value ?? '')
      for (const tMs of ofPoint?.keys() ?? []) if (fromMs <= tMs && tMs < toMs) ofPoint?.delete(tMs)
      return isLost() ? gone : { kind: 'deleted' }
    },
    database: async () => ({ kind: 'filled' }),
    createDatabase: async () => ({ kind: 'made' }),
  }
}

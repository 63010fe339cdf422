import type { InfluxHttp } from './http.ts'
import { influxRows, quoted } from './query.ts'

/** How many points InfluxDB holds; or that it keeps them for a limited time, so that no number can be expected. */
export type PointCount =
  | { readonly kind: 'counted'; readonly points: number }
  | { readonly kind: 'limited'; readonly keeps: string }

/** How a policy without an end is written in InfluxQL. */
const FOR_EVER = '0s'

/**
 * Counts the points of measurement `reading`: `count(received_ms)`, which is there for every canonical row. Rejects
 * with `Problem('influx-unavailable' | 'influx-refused')`.
 */
export async function countPoints(http: InfluxHttp, signal: AbortSignal): Promise<PointCount> {
  const policies = await influxRows(http, `show retention policies on ${quoted(http.database)}`, {}, signal)
  // name, duration, shardGroupDuration, replicaN, default
  const kept = policies.find((row) => row.at(-1) === true)?.[1]
  if (typeof kept === 'string' && kept !== FOR_EVER) return { kind: 'limited', keeps: kept }
  const [row] = await influxRows(http, 'select count("received_ms") from "reading"', {}, signal)
  const points = row?.[1]
  return { kind: 'counted', points: typeof points === 'number' ? points : 0 }
}

import { instantText } from '../../domain/index.ts'
import type { InfluxCountStatus, InfluxStatus } from '../link/protocol.ts'
import type { Finding } from './doctor-finding.ts'

/** How far the projection into InfluxDB is, and whether InfluxDB has what it should have. */
export function projectionFinding(influx: InfluxStatus | null): Finding {
  const check = 'InfluxDB projection'
  if (influx === null)
    return { check, state: 'note', found: 'off', remedy: 'Set ISOTHERM_INFLUX_URL to turn it on.' }
  const { cursor, heldPoints, lastError, count } = influx
  const found = `at record ${cursor}, ${heldPoints} points refused by InfluxDB${countText(count)}`
  if (lastError !== null) {
    const remedy = 'It goes on by itself once that is mended.'
    return { check, state: 'bad', found: `${found}; ${lastError}`, remedy }
  }
  if (count?.state !== 'differs') return { check, state: 'ok', found }
  const remedy =
    'Points were deleted in InfluxDB, or written by something else. `isotherm rebuild --influx` writes all readings again; what should not be there you have to delete yourself.'
  return { check, state: 'bad', found, remedy }
}

function countText(count: InfluxCountStatus | null): string {
  if (count === null) return ''
  const when = instantText(count.atMs)
  if (count.state === 'limited') return `; InfluxDB keeps points for ${count.keeps}, so they are not counted`
  return count.state === 'equal'
    ? `; ${count.points} points, as many as readings (${when})`
    : `; ${count.points} points where there are ${count.rows} readings (${when})`
}

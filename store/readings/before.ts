import type { CanonicalReads, TemperatureRow } from './canonical-port.ts'
import type { Prepare } from './sqlite.ts'

/** What was at the instant of a sensor before another one. */
export function beforeReads(prepare: Prepare): Pick<CanonicalReads, 'temperatureBefore'> {
  const sensor = `from device d cross join series s on s.device = d.no`
  const earlier = prepare<TemperatureRow>(
    `select r.t as tMs, r.temperature_milli_c as temperatureMilliC
       ${sensor} cross join reading r on r.series = s.no
       where d.id = ?1 and s.sensor = ?2 and r.t < ?3 and r.temperature_milli_c is not null
     union all select r.t, null ${sensor} cross join fault r on r.series = s.no
       where d.id = ?1 and s.sensor = ?2 and r.t < ?3
     order by tMs desc, temperatureMilliC desc limit 1`,
  )
  return {
    temperatureBefore: (device, name, tMs) => {
      const row = earlier.get(device, name, tMs)
      return row === undefined ? null : { ...row }
    },
  }
}

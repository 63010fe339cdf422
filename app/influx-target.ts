import type { InfluxTarget } from '../store/index.ts'
import type { Configuration } from './config/index.ts'

/** The InfluxDB of the settings, with their credentials; undefined when none is configured. */
export function influxTarget(configuration: Configuration): InfluxTarget | undefined {
  const {
    influx_url: url,
    influx_database: database,
    influx_user: user,
    influx_password: password,
    influx_token: token,
  } = configuration
  if (url === undefined) return undefined
  return {
    url,
    database,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
  }
}

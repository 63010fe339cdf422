import type { CoreStatus, InfluxStatus } from '../../link/protocol.ts'
import type { Sample } from '../../metrics/definitions.ts'

/** What the status of the core says, as numbers. */
export function statusSamples({ influx, audit, balance, clock }: CoreStatus): readonly Sample[] {
  const { synchronised, steps } = clock
  return [
    { name: 'isotherm_balance_mismatches', value: balance.mismatches.length },
    { name: 'isotherm_audit_trouble', value: audit.trouble === null ? 0 : 1 },
    ...(synchronised === 'unknown'
      ? []
      : [{ name: 'isotherm_clock_synchronised', value: synchronised === 'yes' ? 1 : 0 } as const]),
    { name: 'isotherm_clock_steps_total', value: steps },
    ...(influx === null ? [] : influxSamples(influx)),
  ]
}

function influxSamples({ lastError, heldPoints, counts, count }: InfluxStatus): readonly Sample[] {
  const verdicts = { accepted: counts.written, held: counts.refused, expired: counts.expired }
  const failures = { retried: counts.retried, throttled: counts.throttled }
  const compared = count === null || count.state === 'limited' ? undefined : count
  return [
    { name: 'isotherm_influx_up', value: lastError === null ? 1 : 0 },
    ...Object.entries(verdicts).map(([verdict, value]): Sample => {
      return { name: 'isotherm_influx_points_total', labels: { verdict }, value }
    }),
    ...Object.entries(failures).map(([verdict, value]): Sample => {
      return { name: 'isotherm_influx_failures_total', labels: { verdict }, value }
    }),
    { name: 'isotherm_influx_held_points', value: heldPoints },
    ...(compared === undefined
      ? []
      : [
          {
            name: 'isotherm_influx_count_difference',
            value: compared.state === 'differs' ? compared.rows - compared.points : 0,
          } as const,
        ]),
  ]
}

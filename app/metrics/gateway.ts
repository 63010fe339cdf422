import { type RefusalReason, refusalReasons } from '../../domain/index.ts'
import type { GatewayPart } from '../parts/gateway-part.ts'
import type { Sample } from './definitions.ts'

const refusalNames = Object.keys(refusalReasons) as readonly RefusalReason[]

/** What the gateway and its journal count, from memory. */
export function gatewaySamples({
  gateway,
  journal,
}: Pick<GatewayPart, 'gateway' | 'journal'>): readonly Sample[] {
  const stats = gateway.stats()
  const { kind } = journal.state()
  const states = ['open', 'full', 'failed'] as const
  return [
    { name: 'isotherm_journal_records_total', value: journal.durableEnd },
    { name: 'isotherm_journal_waiting_records', value: stats.inFlightMessages },
    { name: 'isotherm_journal_waiting_bytes', value: stats.inFlightBytes },
    ...states.map((state): Sample => {
      return { name: 'isotherm_journal_state', labels: { state }, value: state === kind ? 1 : 0 }
    }),
    { name: 'isotherm_gateway_connections', value: stats.connections },
    { name: 'isotherm_gateway_acknowledged_total', value: stats.acknowledged },
    // also those that never happened: an increase from nothing is one that can be seen
    ...refusalNames.map((reason): Sample => {
      const value = stats.refusals[reason] ?? 0
      return { name: 'isotherm_gateway_refusals_total', labels: { reason }, value }
    }),
    { name: 'isotherm_gateway_clock_ahead_seconds', value: stats.clockAheadMs / 1_000 },
  ]
}

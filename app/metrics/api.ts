import type { LiveHub } from '../../api/index.ts'
import type { Sample } from './definitions.ts'

/** What the live stream counts, from memory. */
export function liveSamples(live: Pick<LiveHub, 'stats'>): readonly Sample[] {
  const { streams, dropped } = live.stats()
  return [
    { name: 'isotherm_live_clients', value: streams },
    { name: 'isotherm_live_dropped_total', value: dropped },
  ]
}

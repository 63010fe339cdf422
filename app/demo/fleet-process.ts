import { type Fleet, startFleet, xicheng } from '../../devices-sim/index.ts'
import { Problem } from '../../domain/index.ts'
import { systemClock } from '../doors/clock.ts'
import { openLogs } from '../doors/log.ts'
import { starterChannel } from '../doors/processes.ts'
import { openLink } from '../link/index.ts'
import { scrubber } from '../scrub.ts'
import type { FleetEvent, FleetPeriod, FleetStart } from './fleet-calls.ts'

// The devices of the demonstration, in a process of their own. Of Isotherm they know the MQTT address and their
// secrets, as devices do; see fleet-calls.ts for what they are asked.

let fleet: Fleet | undefined

const link = openLink(starterChannel(), {
  calls: {
    start: (input) => {
      const { secrets, mqtt, seed, episodes, log } = input as FleetStart
      fleet = startFleet({
        plan: xicheng,
        secrets,
        mqtt,
        seed,
        clock: systemClock,
        scenarioOf: (target) => episodes.get(target) ?? [],
        log: openLogs({ part: 'fleet', ...log, scrub: scrubber([...secrets.values()]) })['devices-sim'],
      })
      return null
    },
    'hand-in': (input) => {
      const { fromMs, toMs, laterMs } = input as FleetPeriod
      const from = (device: string): number => laterMs?.get(device) ?? fromMs
      return started().handIn(from, toMs, (progress) => {
        link.notify('handed-in', progress)
      })
    },
    live: () => {
      started().live()
      return null
    },
    trigger: (input) => {
      const { target, scenario, atMs } = input as FleetEvent
      started().trigger(target, scenario, atMs)
      return null
    },
    end: (input) => {
      const { target, scenario, atMs } = input as FleetEvent
      started().end(target, scenario, atMs)
      return null
    },
    stop: async () => {
      await fleet?.stop()
      return null
    },
  },
})

function started(): Fleet {
  if (fleet !== undefined) return fleet
  throw new Problem('internal', {
    what: 'The fleet was asked for something before it was started.',
    remedy: 'Run all parts in the same version.',
  })
}

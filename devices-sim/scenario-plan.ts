import type { CityPlan, PlannedDevice, PlannedPlace, PlannedSensor } from './plan.ts'
import { type ScenarioName, scenarios } from './scenarios.ts'

/** What a scenario is played on: devices by id, how often they record, and the zone of their days. */
export interface ScenarioStage {
  readonly scenario: ScenarioName
  readonly devices: readonly string[]
  readonly intervalSeconds: number
  readonly zone: string
}

/** A plan with one unit of the scenario's kind for each device, called as the device, with a sensor `main`. */
export function scenarioPlan({ scenario, devices, intervalSeconds, zone }: ScenarioStage): CityPlan {
  const { kind } = scenarios[scenario]
  const isRoom = kind === 'cold-room'
  const name = { zh: '模拟设备', en: 'simulated unit' }
  const places = devices.map(
    (id): PlannedPlace => ({
      id,
      site: '',
      parent: null,
      kind,
      name,
      capacityLitres: null,
      setpointC: isRoom ? 5 : 4.5,
      busyHours: ['08:00-11:30', '13:30-16:30'],
    }),
  )
  const planned = devices.map((id): PlannedDevice => {
    const sensor: PlannedSensor = {
      name: 'main',
      place: id,
      point: id,
      pointName: name,
      role: 'product',
      probe: isRoom ? 'air' : 'buffered',
      offsetC: 0,
    }
    return { id, site: '', expectedIntervalSeconds: intervalSeconds, sensors: [sensor] }
  })
  return { zone, organisations: [], supervisions: [], sites: [], places, devices: planned }
}

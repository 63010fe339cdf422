import type { PointRole } from '../../domain/index.ts'
import type { PlannedDevice, PlannedSensor } from '../plan.ts'
import { places } from './places.ts'

/** How often loggers record, s. */
const USUAL_S = 300
/** The distributor's display is to follow closely what happens in room B. */
const CLOSE_S = 60

/**
 * One logger per storage unit, with a sensor at each of its points. Judged points carry bottles of glycol, as the
 * norms ask for, where doors are opened all day; cold rooms are judged in the air.
 */
export const devices: readonly PlannedDevice[] = [
  logger('cdc-room-1', USUAL_S, [
    air('front', '前部', 'Front', -0.2),
    air('middle', '中部', 'Middle', 0),
    air('rear', '后部（最热点）', 'Rear (hot spot)', 1.2),
    ambient('outside', '分装区', 'Packing area', 14),
  ]),
  logger('cdc-room-2', USUAL_S, [air('front', '前部', 'Front', -0.2), air('rear', '后部', 'Rear', 0.6)]),
  logger('cdc-freezer-room', USUAL_S, [air('front', '前部', 'Front', 0), air('rear', '后部', 'Rear', 0.8)]),
  logger('cdc-specimens', USUAL_S, [air('middle', '中部', 'Middle', 0)]),
  logger('cdc-truck', USUAL_S, [
    air('front', '车厢前部', 'Front of the box', 0),
    air('door', '车厢门侧', 'By the door', 0.8),
  ]),
  logger('depot-room-a', USUAL_S, [
    air('east', '东侧', 'East side', -0.3),
    air('west', '西侧', 'West side', 0),
    air('upper', '上层', 'Upper shelves', 0.5),
    air('hot-spot', '最热点', 'Hot spot', 1.2),
    ambient('outside', '理货区', 'Sorting area', 17),
  ]),
  logger('depot-room-b', CLOSE_S, [
    air('fan', '风机侧', 'By the fan', 0),
    air('hot-spot', '最热点', 'Hot spot', 1.2),
  ]),
  logger('depot-freezer-room', USUAL_S, [air('front', '前部', 'Front', 0), air('rear', '后部', 'Rear', 0.8)]),
  logger('depot-packing', USUAL_S, [
    product('table', '装箱台', 'Packing table', 0.4),
    product('boxes', '预冷箱', 'Boxes in pre-cooling', 0),
  ]),
  logger('depot-truck', USUAL_S, [
    air('front', '车厢前部', 'Front of the box', -0.3),
    air('middle', '车厢中部', 'Middle of the box', 0),
    air('rear', '车厢后部', 'Rear of the box', 0.5),
    air('door', '车厢门侧', 'By the door', 0.9),
  ]),
  logger('yundong-room', USUAL_S, [air('front', '前部', 'Front', 0), air('rear', '后部', 'Rear', 0.7)]),
  logger('yundong-fridge', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('yundong-freezer', USUAL_S, [product('middle', '中层', 'Middle', 0)]),
  logger('yundong-van', USUAL_S, [
    air('front', '车厢前部', 'Front of the box', 0),
    air('door', '车厢门侧', 'By the door', 0.8),
  ]),
  logger('hubin-room', USUAL_S, [air('front', '前部', 'Front', 0), air('rear', '后部', 'Rear', 0.7)]),
  logger('hubin-ilr', USUAL_S, [product('basket', '篮内', 'Basket', 0)]),
  logger('hubin-freezer', USUAL_S, [product('middle', '中层', 'Middle', 0)]),
  logger('dongqiao-fridge-1', USUAL_S, [
    product('bottle', '中层（甘油瓶）', 'Middle shelf (glycol)', 0),
    air('shelf', '上层空气', 'Upper shelf (air)', 0.5),
    ambient('room', '冰箱间', 'Refrigerator room', 18),
  ]),
  logger('dongqiao-fridge-2', USUAL_S, [product('bottle', '中层', 'Middle shelf', 0)]),
  logger('dongqiao-desk-1', USUAL_S, [product('drawer', '抽屉', 'Drawer', 0)]),
  logger('dongqiao-desk-2', USUAL_S, [product('drawer', '抽屉', 'Drawer', 0)]),
  logger('dongqiao-desk-3', USUAL_S, [product('drawer', '抽屉', 'Drawer', 0.2)]),
  logger('guiyuan-fridge', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('guiyuan-combi-cold', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('guiyuan-combi-freezer', USUAL_S, [product('drawer', '抽屉', 'Drawer', 0)]),
  logger('hekou-ilr', USUAL_S, [
    product('basket', '篮内', 'Basket', 0),
    ambient('room', '冰箱间', 'Refrigerator room', 15),
  ]),
  logger('hekou-spare', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('maternity-fridge', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('bite-fridge-1', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('bite-fridge-2', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('adult-fridge', USUAL_S, [product('middle', '中层', 'Middle shelf', 0)]),
  logger('mobile-fridge', USUAL_S, [product('middle', '中部', 'Middle', 0)]),
  logger('school-box-1', USUAL_S, [product('lid', '箱内', 'Inside', 0)]),
  logger('school-box-2', USUAL_S, [product('lid', '箱内', 'Inside', 0)]),
]

type Sensor = Omit<PlannedSensor, 'place' | 'point'>

/** The device is called after its unit, and a point after its unit and sensor. */
function logger(place: string, expectedIntervalSeconds: number, sensors: readonly Sensor[]): PlannedDevice {
  return {
    id: `${place}-logger`,
    site: places.find(({ id }) => id === place)?.site ?? '',
    expectedIntervalSeconds,
    sensors: sensors.map((each) => ({ ...each, place, point: `${place}-${each.name}` })),
  }
}

/** In a bottle of glycol among the stock. */
function product(name: string, zh: string, en: string, offsetC: number): Sensor {
  return { ...sensor(name, zh, en, offsetC), role: 'product', probe: 'buffered' }
}

function air(name: string, zh: string, en: string, offsetC: number): Sensor {
  return { ...sensor(name, zh, en, offsetC), role: 'air', probe: 'air' }
}

/** Outside the unit: explains, and is not judged. */
function ambient(name: string, zh: string, en: string, offsetC: number): Sensor {
  return { ...sensor(name, zh, en, offsetC), role: 'ambient', probe: 'air' }
}

function sensor(name: string, zh: string, en: string, offsetC: number): Omit<Sensor, 'probe'> {
  const role: PointRole = 'air'
  return { name, pointName: { zh, en }, offsetC, role }
}

import type { PlaceKind } from '../../domain/index.ts'
import type { CityPlan, PlannedPlace } from '../plan.ts'

/** The twelve sites. */
export const sites: CityPlan['sites'] = [
  site('cdc-store', 'xc-cdc', '市疾控疫苗库', 'City CDC vaccine store'),
  site('logistics-depot', 'xc-logistics', '物流中心', 'Logistics depot'),
  site('yundong-store', 'yundong-cdc', '运东区疫苗库', 'Yundong vaccine store'),
  site('hubin-store', 'hubin-cdc', '湖滨区疫苗库', 'Hubin vaccine store'),
  site('dongqiao-clinic', 'dongqiao', '东桥预防接种门诊', 'Dongqiao vaccination clinic'),
  site('guiyuan-clinic', 'guiyuan', '桂园预防接种门诊', 'Guiyuan vaccination clinic'),
  site('hekou-clinic', 'hekou', '河口镇预防接种门诊', 'Hekou vaccination clinic'),
  site('maternity-ward', 'maternity', '妇幼保健院产科', 'Maternity ward'),
  site('bite-clinic', 'second-hospital', '第二人民医院犬伤门诊', 'Rabies post-exposure clinic'),
  site('adult-rooms', 'adult-clinic', '成人接种门诊', 'Adult vaccination rooms'),
  site('mobile-unit', 'yundong-cdc', '流动接种车', 'Mobile vaccination unit'),
  site('lake-school', 'hubin-cdc', '滨湖小学临时接种点', 'Lakeside school session'),
]

const clinicHours = ['08:00-11:30', '13:30-16:30']
const dayAndNight = ['00:00-24:00']

/** The storage units, site by site. A fridge-freezer is two of them, because different rules hold for its halves. */
export const places: readonly PlannedPlace[] = [
  ...at('cdc-store', [
    unit('cdc-room-1', 'cold-room', '冷藏库1', 'Cold room 1', 5, 300_000, ['08:30-11:00', '13:30-16:00']),
    unit('cdc-room-2', 'cold-room', '冷藏库2（备用）', 'Cold room 2 (standby)', 5, 120_000, []),
    unit('cdc-freezer-room', 'freezer-room', '冷冻库', 'Freezer room', -25, 45_000, ['09:00-10:00']),
    unit('cdc-specimens', 'ultra-low-freezer', '超低温冰箱（标本）', 'Specimen freezer', -80, 500, []),
    unit('cdc-truck', 'vehicle', '冷藏车 演A-02', 'Truck DEMO A-02', 4, 15_000, ['07:00-11:30']),
  ]),
  ...at('logistics-depot', [
    unit('depot-room-a', 'cold-room', '冷藏库A', 'Cold room A', 5, 650_000, ['06:00-08:00', '20:00-22:00']),
    unit('depot-room-b', 'cold-room', '冷藏库B', 'Cold room B', 5, 250_000, ['06:00-08:00']),
    unit('depot-freezer-room', 'freezer-room', '冷冻库', 'Freezer room', -25, 75_000, ['06:00-07:00']),
    unit('depot-packing', 'cold-room', '预冷装箱区', 'Cold packing area', 5, 100_000, ['05:30-08:00']),
    unit('depot-truck', 'vehicle', '冷藏车 演A-01', 'Truck DEMO A-01', 4, 42_000, ['06:30-12:00']),
  ]),
  ...at('yundong-store', [
    unit('yundong-room', 'cold-room', '冷库', 'Cold room', 5, 45_000, ['08:00-09:30']),
    unit('yundong-fridge', 'refrigerator', '医用冰箱', 'Medical refrigerator', 5, 626, ['08:00-11:30']),
    unit('yundong-freezer', 'freezer', '低温冰箱', 'Freezer', -22, 260, []),
    unit('yundong-van', 'vehicle', '冷藏车 演B-03', 'Van DEMO B-03', 4, 6_000, ['08:00-12:00']),
  ]),
  ...at('hubin-store', [
    unit('hubin-room', 'cold-room', '冷库', 'Cold room', 5, 70_000, ['08:00-09:30']),
    unit('hubin-ilr', 'ice-lined-refrigerator', '冰衬冰箱', 'Ice-lined refrigerator', 5, 150, []),
    unit('hubin-freezer', 'freezer', '低温冰箱', 'Freezer', -22, 260, []),
  ]),
  ...at('dongqiao-clinic', [
    unit('dongqiao-fridge-1', 'refrigerator', '1号冰箱', 'Refrigerator 1', 5, 395, clinicHours),
    unit('dongqiao-fridge-2', 'refrigerator', '2号冰箱', 'Refrigerator 2', 5, 395, clinicHours),
    unit('dongqiao-desk-1', 'refrigerator', '接种台1智能冰箱', 'Desk refrigerator 1', 5, 60, clinicHours),
    unit('dongqiao-desk-2', 'refrigerator', '接种台2智能冰箱', 'Desk refrigerator 2', 5, 60, clinicHours),
    unit('dongqiao-desk-3', 'refrigerator', '接种台3智能冰箱', 'Desk refrigerator 3', 5, 60, clinicHours),
  ]),
  ...at('guiyuan-clinic', [
    unit('guiyuan-fridge', 'refrigerator', '疫苗冰箱', 'Vaccine refrigerator', 5, 395, clinicHours),
    unit(
      'guiyuan-combi-cold',
      'refrigerator',
      '双温冰箱冷藏室',
      'Fridge-freezer, fridge',
      5,
      120,
      clinicHours,
    ),
    unit('guiyuan-combi-freezer', 'freezer', '双温冰箱冷冻室', 'Fridge-freezer, freezer', -22, 60, []),
  ]),
  ...at('hekou-clinic', [
    unit('hekou-ilr', 'ice-lined-refrigerator', '冰衬冰箱', 'Ice-lined refrigerator', 5, 150, [
      '08:00-11:00',
    ]),
    unit('hekou-spare', 'refrigerator', '备用冰箱（空）', 'Spare refrigerator (empty)', 5, 200, []),
  ]),
  ...at('maternity-ward', [
    unit('maternity-fridge', 'refrigerator', '产科冰箱', 'Ward refrigerator', 5, 130, dayAndNight),
  ]),
  ...at('bite-clinic', [
    unit('bite-fridge-1', 'refrigerator', '1号冰箱', 'Refrigerator 1', 5, 395, dayAndNight),
    unit('bite-fridge-2', 'refrigerator', '2号冰箱', 'Refrigerator 2', 5, 130, dayAndNight),
  ]),
  ...at('adult-rooms', [
    unit('adult-fridge', 'refrigerator', '疫苗冰箱', 'Vaccine refrigerator', 5, 395, ['08:30-17:00']),
  ]),
  ...at('mobile-unit', [
    unit('mobile-fridge', 'refrigerator', '车载冰箱', 'Fridge on board', 5, 80, ['09:00-11:30']),
  ]),
  ...at('lake-school', [
    unit('school-box-1', 'box', '冷藏包1', 'Vaccine carrier 1', 4.5, 12, ['09:00-11:30']),
    unit('school-box-2', 'box', '冷藏包2', 'Vaccine carrier 2', 4.5, 12, ['09:00-11:30']),
  ]),
]

function site(id: string, organisation: string, zh: string, en: string): CityPlan['sites'][number] {
  return { id, organisation, name: { zh, en } }
}

type Unit = Omit<PlannedPlace, 'site' | 'parent'>

function unit(
  id: string,
  kind: PlaceKind,
  zh: string,
  en: string,
  setpointC: number,
  capacityLitres: number,
  busyHours: readonly string[],
): Unit {
  return { id, kind, name: { zh, en }, setpointC, capacityLitres, busyHours }
}

function at(id: string, units: readonly Unit[]): readonly PlannedPlace[] {
  return units.map((each) => ({ ...each, site: id, parent: null }))
}

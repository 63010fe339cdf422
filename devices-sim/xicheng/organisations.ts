import type { PlannedOrganisation } from '../plan.ts'

/** The organisations of Xicheng: two departments that supervise, the chain of the CDC, and the distributor. */
export const organisations: readonly PlannedOrganisation[] = [
  {
    id: 'xc-health',
    parent: null,
    kind: 'health-regulator',
    name: { zh: '锡城市卫生健康委员会', en: 'Xicheng Health Commission' },
  },
  {
    id: 'xc-drug',
    parent: null,
    kind: 'drug-regulator',
    name: { zh: '药监局锡城检查分局', en: 'Drug Administration, Xicheng Inspection Branch' },
  },
  {
    id: 'xc-logistics',
    parent: null,
    kind: 'distributor',
    name: { zh: '锡城医药物流', en: 'Xicheng Pharma Logistics' },
  },
  { id: 'xc-cdc', parent: null, kind: 'cdc', name: { zh: '锡城市疾控中心', en: 'Xicheng CDC' } },
  { id: 'yundong-cdc', parent: 'xc-cdc', kind: 'cdc', name: { zh: '运东区疾控中心', en: 'Yundong CDC' } },
  { id: 'hubin-cdc', parent: 'xc-cdc', kind: 'cdc', name: { zh: '湖滨区疾控中心', en: 'Hubin CDC' } },
  clinic('dongqiao', 'yundong-cdc', '东桥社区卫生服务中心', 'Dongqiao Community Health Centre'),
  clinic('maternity', 'yundong-cdc', '锡城妇幼保健院', 'Xicheng Maternity Hospital'),
  clinic('second-hospital', 'yundong-cdc', '锡城第二人民医院', 'Xicheng Second Hospital'),
  clinic('guiyuan', 'hubin-cdc', '桂园社区卫生服务中心', 'Guiyuan Community Health Centre'),
  clinic('hekou', 'hubin-cdc', '河口镇卫生院', 'Hekou Township Hospital'),
  clinic('adult-clinic', 'hubin-cdc', '湖滨成人接种门诊', 'Hubin Adult Vaccination Clinic'),
]

/** Both departments watch over both chains. */
export const supervisions = ['xc-health', 'xc-drug'].flatMap((supervisor) =>
  ['xc-cdc', 'xc-logistics'].map((supervised) => ({ supervisor, supervised })),
)

function clinic(id: string, parent: string, zh: string, en: string): PlannedOrganisation {
  return { id, parent, kind: 'clinic', name: { zh, en } }
}

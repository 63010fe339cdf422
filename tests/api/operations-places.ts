import type { Finding } from '../../domain/index.ts'
import type { LatestRow } from '../../store/index.ts'
import type { RequestMaker } from './operations.ts'
import { organisations, type Stage } from './stage.ts'

const reason = 'tested'
const nothing = {}
const HOUR_MS = 3_600_000

/**
 * Gives every organisation of a peopled stage a place, a point with its device, a duty, a supervisor and a lot of
 * its own, and stock of the lot `everywhere`.
 */
export async function furnishTheStage({ command, clock, canonical, tell }: Stage): Promise<void> {
  const since = { fromMs: clock.nowMs() - HOUR_MS, reason }
  const regulator = {
    id: 'regulator',
    parent: null,
    kind: 'drug-regulator',
    demo: false,
    name: '药监',
  } as const
  await command('organisation.create', regulator)
  const label = { rangeMinMilliC: 2_000, rangeMaxMilliC: 8_000, freezeSensitive: true, lightSensitive: false }
  await command('product.create', { id: 'vaccine', name: '疫苗', ...label })
  const lot = { product: 'vaccine', maker: '生物所', expiresOn: '2028-10-31' }
  await command('lot.create', { ...lot, id: 'everywhere', number: '0' })
  for (const id of organisations) {
    const [place, point] = [`${id}-place`, `${id}-point`]
    await command('place.create', {
      id: place,
      site: `${id}-site`,
      parent: null,
      kind: 'cold-room',
      name: '库',
      ...since,
    })
    await command('point.create', { id: point, place, name: '测点', role: 'air' })
    await command('placement.start', { device: `${id}-device`, sensor: 'main', point, ...since })
    await command('duty.set', { place, duty: 'maintenance', ...since })
    const wanted = { pack: 'who-pqs-storage', version: 1, state: 'active', reason } as const
    await command('rules.propose', { ...wanted, organisation: id })
    await command('place.check', { place })
    await command('lot.create', { ...lot, id: `${id}-lot`, number: id })
    for (const each of ['everywhere', `${id}-lot`]) {
      await command('custody.receive', { lot: each, place, quantity: 100, atMs: since.fromMs, reason })
    }
    await command('supervision.start', { supervisor: 'regulator', supervised: id, ...since })
    const put = [{ finding: findingOf(id, since.fromMs), asOfMs: clock.nowMs() }]
    canonical.transact((tx) => {
      tx.savePointOutcome({ removed: [], put, changes: [], factVersion: 1, recordedAtMs: clock.nowMs() })
    })
    tell({ part: 'readings', rows: [rowOf(id, clock.nowMs())] })
  }
}

async function newPlace({ command, clock }: Stage, organisation: string | null, id: string) {
  const fromMs = clock.nowMs() - HOUR_MS
  const place = {
    id,
    site: `${organisation}-site`,
    parent: null,
    kind: 'box',
    name: '箱',
    fromMs,
    reason,
  } as const
  return command('place.create', place)
}

async function newPlacement({ command, clock }: Stage, organisation: string | null, sensor: string) {
  const placed = { device: `${organisation}-device`, sensor }
  const fromMs = clock.nowMs() - HOUR_MS
  await command('placement.start', { ...placed, point: `${organisation}-point`, fromMs, reason })
  return placed
}

/** A request to change what was decided, after the opposite was. */
async function decidedRules({ command, view }: Stage, given: string | null, state: 'active' | 'inactive') {
  const pack = { pack: 'cn-gsp-storage', version: 1, organisation: given ?? 'root', reason }
  if (view.ruleActivationsOf(pack.organisation).at(-1)?.state !== state) {
    await command(state === 'active' ? 'rules.activate' : 'rules.deactivate', pack)
  }
  return { payload: { ...pack, emergency: true } }
}

/** A verdict on a proposal of somebody else. */
async function verdictOn({ command }: Stage, given: string | null, pack: string, verb: 'approve' | 'refuse') {
  const organisation = given ?? 'root'
  const proposal = await command('rules.propose', { pack, version: 1, organisation, state: 'active', reason })
  return { url: `/api/v1/rules/proposals/${proposal.id}/${verb}`, payload: { organisation, reason } }
}

/** A reading at the point of an organisation. */
function rowOf(organisation: string, tMs: number): LatestRow {
  const values = { temperatureMilliC: 4_210 }
  const fine = { faultMs: null, earlier: null }
  const at = { ...fine, series: organisations.findIndex((each) => each === organisation), sub: 0, seq: null }
  return { ...at, device: `${organisation}-device`, sensor: 'main', tMs, receivedAtMs: tMs, values }
}

/** A finding at the point of an organisation. */
export function findingOf(organisation: string, startMs: number): Finding {
  return {
    id: Buffer.from(organisation.padEnd(8)).toString('hex'),
    point: `${organisation}-point`,
    place: `${organisation}-place`,
    rule: 'cn-gsp-storage/warm-range',
    packVersion: 1,
    level: 'range',
    kind: 'excursion',
    direction: 'warm',
    state: 'confirmed',
    open: false,
    startMs,
    alarmMs: startMs,
    endMs: startMs + HOUR_MS,
    endReason: 'recovered',
    peakMilliC: 9_000,
    peakMs: startMs,
    observedMs: HOUR_MS,
    worstCaseMs: HOUR_MS,
    bridged: false,
    readings: 12,
    confirmedBySingleReading: false,
  }
}

/** Valid requests about places and what is in them, for `operations`. */
export const placeOperations: Readonly<Record<string, RequestMaker>> = {
  explainFinding: (stage, organisation) => {
    const { id } = findingOf(`${organisation}`, stage.clock.nowMs())
    return { url: `/api/v1/places/${organisation}-place/findings/${id}/explain` }
  },
  listPlaces: () => nothing,
  createPlace: (_stage, organisation, id) => ({
    payload: {
      id,
      site: `${organisation}-site`,
      parent: `${organisation}-place`,
      kind: 'compartment',
      name: '格',
    },
  }),
  retirePlace: async (stage, organisation, id) => {
    await newPlace(stage, organisation, id)
    return { url: `/api/v1/places/${id}/retire`, payload: { reason } }
  },
  listPoints: () => nothing,
  createPoint: (_stage, organisation, id) => ({
    payload: { id, place: `${organisation}-place`, name: '新', role: 'product' },
  }),
  listPlacements: () => nothing,
  startPlacement: (_stage, organisation, sensor) => ({
    payload: { device: `${organisation}-device`, sensor, point: `${organisation}-point` },
  }),
  endPlacement: async (stage, organisation, sensor) => ({
    payload: await newPlacement(stage, organisation, sensor),
  }),
  correctPlacement: async (stage, organisation, sensor) => {
    const placed = await newPlacement(stage, organisation, sensor)
    return { payload: { ...placed, at: stage.clock.nowMs(), to: stage.clock.nowMs() + 1, reason } }
  },
  listDuties: () => nothing,
  setDuty: async (stage, organisation, id) => {
    await newPlace(stage, organisation, id)
    return { payload: { place: id, duty: 'loading' } }
  },
  listChecks: () => nothing,
  checkPlace: (_stage, organisation) => ({
    url: `/api/v1/places/${organisation}-place/check`,
    payload: { note: 'tested' },
  }),
  listProducts: () => nothing,
  createProduct: (_stage, _organisation, id) => ({
    payload: { id, name: '新', rangeMin: 2, rangeMax: 8, freezeSensitive: true, lightSensitive: false },
  }),
  listLots: () => nothing,
  createLot: (_stage, _organisation, id) => ({
    payload: { id, product: 'vaccine', number: id, maker: '生物所', expiresOn: '2028-10-31' },
  }),
  listStock: () => nothing,
  listCustody: () => ({ url: '/api/v1/lots/everywhere/custody' }),
  changeCustody: (_stage, organisation) => ({
    url: '/api/v1/lots/everywhere/custody',
    payload: { kind: 'receive', place: `${organisation}-place`, quantity: 1 },
  }),
  listFindings: () => nothing,
  followLive: () => ({ query: { follow: 'false' } }),
  listRules: () => nothing,
  activateRules: (stage, organisation) => decidedRules(stage, organisation, 'inactive'),
  deactivateRules: (stage, organisation) => decidedRules(stage, organisation, 'active'),
  listRuleProposals: () => nothing,
  approveRules: (stage, organisation, id) => verdictOn(stage, organisation, id, 'approve'),
  refuseRules: (stage, organisation, id) => verdictOn(stage, organisation, id, 'refuse'),
  listSupervisions: () => nothing,
  startSupervision: async ({ command }, _organisation, id) => {
    await command('organisation.create', { id, parent: null, kind: 'clinic', demo: false, name: '新' })
    return { payload: { supervisor: 'regulator', supervised: id } }
  },
  endSupervision: async ({ command }, _organisation, id) => {
    await command('organisation.create', { id, parent: null, kind: 'clinic', demo: false, name: '新' })
    await command('supervision.start', { supervisor: 'regulator', supervised: id })
    return { payload: { supervisor: 'regulator', supervised: id, reason } }
  },
}

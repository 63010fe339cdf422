import type {
  CustodyFact,
  DeviceFact,
  PlaceFact,
  PlaceKind,
  PlacementFact,
  PointFact,
  PointRole,
} from '../../domain/index.ts'
import type { LinkFacts, Period } from '../../batches/index.ts'

let fact = 0

function columns(fromMs: number, toMs: number | null) {
  fact += 1
  const recorded = { version: fact, recordedAt: fromMs, recordedBy: 'system:test', reason: '' }
  return { fact, validFrom: fromMs, validTo: toMs, supersedes: null, ...recorded }
}

/** Facts in arrays, looked through from end to end: too simple to be wrong. */
export class City implements LinkFacts {
  readonly places: PlaceFact[] = []
  readonly points: PointFact[] = []
  readonly placements: PlacementFact[] = []
  readonly custody: CustodyFact[] = []
  readonly devices: DeviceFact[] = []

  addPlace(id: string, parent: string | null = null, kind: PlaceKind = 'cold-room'): this {
    const own = { id, site: 'site', parent, kind, name: id, nameEn: null, capacityLitres: null }
    this.places.push({ ...columns(0, null), ...own, state: 'active' })
    return this
  }

  addPoint(id: string, place: string, role: PointRole = 'product'): this {
    this.points.push({ ...columns(0, null), id, place, name: id, nameEn: null, role })
    return this
  }

  addPlacement(
    sensor: string,
    point: string,
    fromMs: number,
    toMs: number | null = null,
    standing: PlacementFact['standing'] = 'judged',
  ): this {
    this.placements.push({ ...columns(fromMs, toMs), device: 'd', sensor, point, standing })
    return this
  }

  addStock(lot: string, place: string, fromMs: number, toMs: number | null, quantity = 10): this {
    this.custody.push({ ...columns(fromMs, toMs), lot, place, quantity })
    return this
  }

  addDevice(expectedInterval: number): this {
    const own = { id: 'd', site: 'site', kind: 'real', state: 'active', acceptFrom: 0, label: null } as const
    this.devices.push({ ...columns(0, null), ...own, expectedInterval })
    return this
  }

  place = (id: string) => this.places.find((row) => row.id === id)
  childrenOf = (place: string) => this.places.filter((row) => row.parent === place)
  point = (id: string) => this.points.find((row) => row.id === id)
  pointsOf = (place: string) => this.points.filter((row) => row.place === place)
  placementHistory = (device: string, sensor: string) =>
    this.placements.filter((row) => row.device === device && row.sensor === sensor)
  placementOf = (device: string, sensor: string, atMs: number) =>
    this.placementHistory(device, sensor).find((row) => touches(row, { fromMs: atMs, toMs: atMs + 1 }))
  placementsAt = (point: string, period: Period) =>
    this.placements.filter((row) => row.point === point && touches(row, period))
  deviceHistory = (id: string) => this.devices.filter((row) => row.id === id)
  product = (id: string) => ({
    ...columns(0, null),
    id,
    name: id,
    nameEn: null,
    code: null,
    rangeMinMilliC: 2_000,
    rangeMaxMilliC: 8_000,
    freezeSensitive: 1 as const,
    lightSensitive: 0 as const,
    activationJoulesPerMol: null,
  })
  lot = (id: string) => ({
    ...columns(0, null),
    id,
    product: 'vaccine',
    number: id,
    maker: '生物所',
    expiresOn: '2028-10-31',
  })
  custodyOf = (lot: string) => this.custody.filter((row) => row.lot === lot)
  stockOf = (place: string, period: Period) =>
    this.custody.filter((row) => row.place === place && touches(row, period))
}

function touches(
  row: { readonly validFrom: number; readonly validTo: number | null },
  period: Period,
): boolean {
  return row.validFrom < period.toMs && (row.validTo === null || row.validTo > period.fromMs)
}

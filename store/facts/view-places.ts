import type {
  CustodyFact,
  Duty,
  DutyFact,
  FactColumns,
  FedRow,
  LotFact,
  PlaceCheckFact,
  PlaceFact,
  PlacementFact,
  PointFact,
  ProductFact,
  RuleActivationFact,
  SupervisesFact,
} from '../../domain/index.ts'
import { defaultDuty, sensorPath } from '../../domain/index.ts'
import type { Period } from '../readings/port.ts'
import { countBefore, heldAt } from './shelf.ts'
import { emptyShelves } from './shelves.ts'

/**
 * Where things are and what is in them. Look-ups at an instant take the logarithm of the entity's history; those
 * over a period the rows of the point or place that begin before its end. Without an instant they answer what
 * holds from the last change on. Rows are earliest first.
 */
export interface PlacesView {
  /**
   * The version of the facts at which what there is changed last: places, points, lots and products, and not what lies
   * where; all of it with a snapshot.
   */
  readonly catalogueVersion: number
  /** The version of the facts at which what lies or lay in the place changed last; 0: nothing ever lay there. */
  stockVersion(place: string): number
  /** The place in whatever state; undefined before it was there. */
  place(id: string, atMs?: number): PlaceFact | undefined
  /** Ids of all places, retired ones included. */
  placeIds(): readonly string[]
  /** Places of a site at the instant, retired ones included. */
  placesOfSite(site: string, atMs?: number): readonly PlaceFact[]
  /** Places that lie directly in a place, retired ones included. */
  childrenOf(place: string, atMs?: number): readonly PlaceFact[]
  /** What the place does: as entered, or `defaultDuty`; undefined for a place that is not known. */
  dutyOf(place: string, atMs: number): Duty | undefined
  /** Duties as entered that touch the period; in between `defaultDuty` holds. */
  dutiesOf(place: string, period: Period): readonly DutyFact[]
  /** When somebody looked at the place last. */
  lastCheckOf(place: string): PlaceCheckFact | undefined
  /** Of all places somebody ever looked at, in no particular order. */
  lastChecks(): readonly PlaceCheckFact[]
  point(id: string): PointFact | undefined
  /** Ids of all points. */
  pointIds(): readonly string[]
  pointsOf(place: string): readonly PointFact[]
  placementOf(device: string, sensor: string, atMs: number): PlacementFact | undefined
  /** All placements of a sensor. */
  placementHistory(device: string, sensor: string): readonly PlacementFact[]
  /** Placements at a point that touch the period, judged and secondary. */
  placementsAt(point: string, period: Period): readonly PlacementFact[]
  product(id: string): ProductFact | undefined
  lot(id: string): LotFact | undefined
  /** Ids of all lots. */
  lotIds(): readonly string[]
  /** Where the lot was, when and how much of it; rows of nothing are left out. */
  custodyOf(lot: string): readonly CustodyFact[]
  /** What was in the place during the period, lot by lot; rows of nothing are left out. */
  stockOf(place: string, period: Period): readonly CustodyFact[]
  /** What was said of rule packs for the organisation itself, past and present. */
  ruleActivationsOf(organisation: string): readonly RuleActivationFact[]
  /** Whom an organisation supervises, from the last change on. */
  supervisedBy(supervisor: string): readonly SupervisesFact[]
}

/** The part of the view that knows places; the other part fills the shelves. */
export class PlacesMemory implements PlacesView {
  protected shelves = emptyShelves()
  #catalogueVersion = 0
  readonly #stockVersions = new Map<string, number>()

  get catalogueVersion(): number {
    return this.#catalogueVersion
  }

  stockVersion(place: string): number {
    return this.#stockVersions.get(place) ?? 0
  }

  /** Everything may have changed at a version. */
  protected noteAll(version: number): void {
    this.#catalogueVersion = version
    this.#stockVersions.clear()
  }

  /** A row has come with a version. What it supersedes is of the same lot and place, or of the same id. */
  protected note({ table, row }: FedRow, version: number): void {
    if (table === 'custody') this.#stockVersions.set(row.place, version)
    if (table === 'place' || table === 'point' || table === 'lot' || table === 'product')
      this.#catalogueVersion = version
  }

  place(id: string, atMs?: number): PlaceFact | undefined {
    return heldAt(this.shelves.place.of('id', id), atMs)
  }

  placeIds(): readonly string[] {
    return [...this.shelves.place.keys('id')]
  }

  placesOfSite(site: string, atMs?: number): readonly PlaceFact[] {
    return this.shelves.place.of('site', site).filter((row) => holds(row, atMs))
  }

  childrenOf(place: string, atMs?: number): readonly PlaceFact[] {
    return this.shelves.place.of('parent', place).filter((row) => holds(row, atMs))
  }

  dutyOf(place: string, atMs: number): Duty | undefined {
    const entered = heldAt(this.shelves.duty.of('place', place), atMs)
    if (entered !== undefined) return entered.duty
    const kind = this.place(place)?.kind
    return kind === undefined ? undefined : defaultDuty(kind)
  }

  dutiesOf(place: string, period: Period): readonly DutyFact[] {
    return touching(this.shelves.duty.of('place', place), period)
  }

  lastCheckOf(place: string): PlaceCheckFact | undefined {
    return this.shelves.place_check.of('place', place).at(-1)
  }

  lastChecks(): readonly PlaceCheckFact[] {
    const { place_check: checks } = this.shelves
    return [...checks.keys('place')].flatMap((place) => checks.of('place', place))
  }

  point(id: string): PointFact | undefined {
    return heldAt(this.shelves.point.of('id', id))
  }

  pointIds(): readonly string[] {
    return [...this.shelves.point.keys('id')]
  }

  pointsOf(place: string): readonly PointFact[] {
    return this.shelves.point.of('place', place)
  }

  placementOf(device: string, sensor: string, atMs: number): PlacementFact | undefined {
    return heldAt(this.placementHistory(device, sensor), atMs)
  }

  placementHistory(device: string, sensor: string): readonly PlacementFact[] {
    return this.shelves.placement.of('sensor', sensorPath(device, sensor))
  }

  placementsAt(point: string, period: Period): readonly PlacementFact[] {
    return touching(this.shelves.placement.of('point', point), period)
  }

  product(id: string): ProductFact | undefined {
    return heldAt(this.shelves.product.of('id', id))
  }

  lot(id: string): LotFact | undefined {
    return heldAt(this.shelves.lot.of('id', id))
  }

  lotIds(): readonly string[] {
    return [...this.shelves.lot.keys('id')]
  }

  custodyOf(lot: string): readonly CustodyFact[] {
    return this.shelves.custody.of('lot', lot)
  }

  stockOf(place: string, period: Period): readonly CustodyFact[] {
    return touching(this.shelves.custody.of('place', place), period)
  }

  ruleActivationsOf(organisation: string): readonly RuleActivationFact[] {
    return this.shelves.rule_activation.of('organisation', organisation)
  }

  supervisedBy(supervisor: string): readonly SupervisesFact[] {
    return this.shelves.supervises
      .of('supervisor', supervisor)
      .filter((row) => row.state === 'active' && holds(row))
  }
}

function holds({ validFrom, validTo }: FactColumns, atMs?: number): boolean {
  if (atMs === undefined) return validTo === null
  return validFrom <= atMs && (validTo === null || atMs < validTo)
}

/** Those of the rows, earliest first, that hold at any instant of the period. */
function touching<Row extends FactColumns>(rows: readonly Row[], { fromMs, toMs }: Period): readonly Row[] {
  return rows.slice(0, countBefore(rows, toMs)).filter(({ validTo }) => validTo === null || validTo > fromMs)
}

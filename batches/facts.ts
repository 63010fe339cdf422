import type {
  CustodyFact,
  DeviceFact,
  LotFact,
  PlaceFact,
  PlacementFact,
  PointFact,
  ProductFact,
} from '../domain/index.ts'

/** Half-open period [fromMs, toMs), epoch ms. */
export interface Period {
  readonly fromMs: number
  readonly toMs: number
}

/** What the link asks of the facts; a facts view fits. Rows are live and earliest first. */
export interface LinkFacts {
  place(id: string): PlaceFact | undefined
  /** Places that lie directly in a place, retired ones included. */
  childrenOf(place: string): readonly PlaceFact[]
  point(id: string): PointFact | undefined
  pointsOf(place: string): readonly PointFact[]
  placementOf(device: string, sensor: string, atMs: number): PlacementFact | undefined
  /** All placements of a sensor. */
  placementHistory(device: string, sensor: string): readonly PlacementFact[]
  /** Placements at a point that touch the period, judged and secondary. */
  placementsAt(point: string, period: Period): readonly PlacementFact[]
  deviceHistory(id: string): readonly DeviceFact[]
  product(id: string): ProductFact | undefined
  lot(id: string): LotFact | undefined
  /** Where the lot was; rows of nothing are left out. */
  custodyOf(lot: string): readonly CustodyFact[]
  /** What was in the place during the period; rows of nothing are left out. */
  stockOf(place: string, period: Period): readonly CustodyFact[]
}

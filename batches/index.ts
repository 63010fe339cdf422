export {
  type Exposure,
  type ExposureLeg,
  exposureOf,
  type ExposureParts,
  type ExposureQuery,
  POINT_DAYS_MAX,
  type WorstPoint,
} from './exposure.ts'
export type { LinkFacts, Period } from './facts.ts'
export { type Link, linkOf, type Whereabouts, whereaboutsAround, whereaboutsOf } from './link.ts'
export { type Placed, placedBy } from './placed.ts'
export { laneOf } from './lanes.ts'
export { hourOf, HOUR_MS, type LotHour, type LotHours, lotHoursOf, lotsSpokenFor } from './lot-hours.ts'
export { coverOf, measuredKindOf, pointsOfUnit } from './places.ts'
export {
  cut,
  type Leg,
  legsOf,
  type LinkSelection,
  type Segment,
  type SegmentOptions,
  segmentsOf,
} from './segments.ts'
export { placesConcerned, placesSpokenFor, type Stay, staysIn } from './stock.ts'
export type { Band, PointTemperature, Span, Sweep, SweptPoint, TimeInBand } from './sweep.ts'
export { lifeWithin, type PointDay, pointDays } from './watch.ts'
export { type Kept, type LotArrival, RETENTION_YEARS, retentionOf } from './retention.ts'

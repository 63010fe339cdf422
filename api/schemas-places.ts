import { type Static, Type } from 'typebox'
import type { Duty, PlaceKind, PointRole, Standing } from '../domain/index.ts'
import { duties, placeKinds, pointRoles, standings } from '../domain/index.ts'
import { claimedAt, demo, recorded, textOrNull, time } from './schemas.ts'

/** One of the kinds of place. */
export const placeKind = Type.Enum([...placeKinds] as PlaceKind[])
/** One of the roles of a point. */
export const pointRole = Type.Enum([...pointRoles] as PointRole[], {
  description: '`product` and `air` are judged, `ambient` and `evaporator` explain.',
})
/** One of the duties of a place. */
export const duty = Type.Enum([...duties] as Duty[])
/** How a placement counts. */
export const standing = Type.Enum([...standings] as Standing[], {
  description:
    'A point has one judged placement at a time; one that overlaps it is secondary: stored, not judged.',
})

const period = {
  ...recorded,
  validTo: Type.Union([time, Type.Null()], { description: 'Null while it is open.' }),
}
const quantity = Type.Integer({ description: 'Smallest package units.' })

/** A place. */
export const placeItem = Type.Object({
  id: Type.String(),
  site: Type.String(),
  organisation: Type.String(),
  parent: textOrNull,
  kind: placeKind,
  name: Type.String(),
  nameEn: textOrNull,
  capacityLitres: Type.Union([Type.Integer(), Type.Null()]),
  state: Type.Enum(['active', 'retired']),
  demo,
  ...recorded,
})

/** A point. */
export const pointItem = Type.Object({
  id: Type.String(),
  place: Type.String(),
  site: Type.String(),
  name: Type.String(),
  nameEn: textOrNull,
  role: pointRole,
  demo,
  ...recorded,
})

/** A placement: a sensor at a point during a period. */
export const placementItem = Type.Object({
  device: Type.String(),
  sensor: Type.String({ description: "The sensor's name on its device." }),
  point: Type.String(),
  place: Type.String(),
  site: Type.String(),
  standing,
  ...period,
})

/** What a place did in a period. */
export const dutyItem = Type.Object({ place: Type.String(), site: Type.String(), duty, ...period })

/** That somebody has looked at a place. */
export const checkItem = Type.Object({
  id: Type.String(),
  place: Type.String(),
  site: Type.String(),
  at: Type.String({ description: 'When they looked: RFC 3339, UTC, with milliseconds.' }),
  claimedAt,
  note: Type.String({ description: 'Empty where nothing was noted.' }),
  recordedAt: time,
  recordedBy: recorded.recordedBy,
})

/** A product, the same for everybody. */
export const productItem = Type.Object({
  id: Type.String(),
  name: Type.String(),
  nameEn: textOrNull,
  code: textOrNull,
  rangeMin: Type.Number({ description: 'Lowest temperature the label allows, degC.' }),
  rangeMax: Type.Number({ description: 'Highest temperature the label allows, degC.' }),
  freezeSensitive: Type.Boolean(),
  lightSensitive: Type.Boolean(),
  activationEnergy: Type.Union([Type.Number(), Type.Null()], {
    description: 'Of its decay, kJ/mol; null: nothing is known, and 83.144 is used.',
  }),
  ...recorded,
})

/** A lot, the same for everybody who has or had some of it. */
export const lotItem = Type.Object({
  id: Type.String(),
  product: Type.String(),
  number: Type.String({ description: 'Lot number as printed.' }),
  maker: Type.String(),
  expiresOn: Type.String({ description: 'Last day of use, YYYY-MM-DD.' }),
  ...recorded,
})

/** Stock in place: so much of a lot in a place during a period. */
export const custodyItem = Type.Object({
  lot: Type.String(),
  place: Type.String(),
  site: Type.String(),
  quantity,
  ...period,
})

/** A regulator watching over an organisation during a period, or not any more. */
export const supervisionItem = Type.Object({
  supervisor: Type.String(),
  supervised: Type.String(),
  state: Type.Enum(['active', 'ended']),
  ...period,
})

/** A place as answered. */
export type PlaceItem = Static<typeof placeItem>
/** A point as answered. */
export type PointItem = Static<typeof pointItem>
/** A placement as answered. */
export type PlacementItem = Static<typeof placementItem>
/** A duty as answered. */
export type DutyItem = Static<typeof dutyItem>
/** A check as answered. */
export type CheckItem = Static<typeof checkItem>
/** A product as answered. */
export type ProductItem = Static<typeof productItem>
/** A lot as answered. */
export type LotItem = Static<typeof lotItem>
/** Stock in place as answered. */
export type CustodyItem = Static<typeof custodyItem>
/** A supervision as answered. */
export type SupervisionItem = Static<typeof supervisionItem>

import type { OrganisationKind, PlaceKind, PointRole } from '../domain/index.ts'

/** A name in both languages. */
export interface PlanName {
  readonly zh: string
  readonly en: string
}

/**
 * What stands where in a demonstration city. The facts of the demonstration are made from it, and the same things are
 * simulated from it, so that the two cannot disagree. Ids are those of the facts.
 */
export interface CityPlan {
  /** IANA zone of every site. */
  readonly zone: string
  readonly organisations: readonly PlannedOrganisation[]
  readonly supervisions: readonly { readonly supervisor: string; readonly supervised: string }[]
  readonly sites: readonly { readonly id: string; readonly organisation: string; readonly name: PlanName }[]
  readonly places: readonly PlannedPlace[]
  readonly devices: readonly PlannedDevice[]
}

/** An organisation; `parent` null = top level. */
export interface PlannedOrganisation {
  readonly id: string
  readonly parent: string | null
  readonly kind: OrganisationKind
  readonly name: PlanName
}

/** A storage unit. */
export interface PlannedPlace {
  readonly id: string
  readonly site: string
  readonly parent: string | null
  readonly kind: PlaceKind
  readonly name: PlanName
  readonly capacityLitres: number | null
  /** What it is kept at, degC: the middle of its range. */
  readonly setpointC: number
  /** Hours with people at the door, local, `HH:MM-HH:MM`; empty = nobody opens it regularly. */
  readonly busyHours: readonly string[]
}

/** A device, its sensors, and the point each of them is at. */
export interface PlannedDevice {
  readonly id: string
  readonly site: string
  readonly expectedIntervalSeconds: number
  readonly sensors: readonly PlannedSensor[]
}

/** A sensor at a point of a place; `probe` buffered = in a bottle of glycol, which lags behind the air. */
export interface PlannedSensor {
  readonly name: string
  readonly place: string
  readonly point: string
  readonly pointName: PlanName
  readonly role: PointRole
  readonly probe: 'air' | 'buffered'
  /** How much warmer than the middle of the place it is there, degC. */
  readonly offsetC: number
}

import type { OrganisationKind, Role } from './access.ts'
import type { FactColumns } from './fact-columns.ts'
import type { IncidentFact, IncidentFindingFact, MessageFact, RecipientFact } from './incident.ts'
import type { Duty, PlaceKind, PointRole, Standing } from './places.ts'
import type { RuleProposalFact } from './rule-proposal.ts'

/** An organisation of the supervised chain; `parent` null = top level. */
export interface OrganisationFact extends FactColumns {
  readonly id: string
  readonly parent: string | null
  readonly kind: OrganisationKind
  /** 1 = demonstration: may hold simulated devices, never becomes real. */
  readonly demo: 0 | 1
  readonly name: string
  readonly nameEn: string | null
}

/** A building or depot of an organisation, with its IANA zone. */
export interface SiteFact extends FactColumns {
  readonly id: string
  readonly organisation: string
  readonly name: string
  readonly nameEn: string | null
  readonly zone: string
}

/** Something that holds credentials and publishes. `kind` is fixed at creation. */
export interface DeviceFact extends FactColumns {
  readonly id: string
  readonly site: string
  readonly kind: 'real' | 'simulated'
  readonly state: 'active' | 'revoked'
  /** Readings before this instant are distrusted, epoch ms. */
  readonly acceptFrom: number
  /** How often it is expected to report, ms. */
  readonly expectedInterval: number
  readonly label: string | null
}

/** The SHA-256 (hex) of a device's generated secret. */
export interface DeviceSecretFact extends FactColumns {
  readonly device: string
  readonly sha256: string
}

/** A sensor: (device, name). Appears by itself with its first reading. */
export interface SensorFact extends FactColumns {
  readonly device: string
  readonly name: string
}

/** A person who can sign in. Deactivated, never deleted or renamed. */
export interface UserFact extends FactColumns {
  readonly id: string
  readonly name: string
  readonly state: 'active' | 'deactivated'
}

/** The scrypt hash of a person's password, in `store/facts` encoding. Never leaves the core. */
export interface PasswordFact extends FactColumns {
  readonly user: string
  readonly hash: string
}

/** A role on an organisation (or `root`), valid for its subtree. */
export interface GrantFact extends FactColumns {
  readonly user: string
  readonly organisation: string
  readonly role: Role
  readonly state: 'active' | 'revoked'
}

/** An API key for machines: a role on an organisation. */
export interface KeyFact extends FactColumns {
  readonly id: string
  readonly name: string
  readonly organisation: string
  readonly role: Role
  readonly sha256: string
  readonly state: 'active' | 'revoked'
}

/** A regulator watches over an organisation anywhere in the trees. */
export interface SupervisesFact extends FactColumns {
  readonly supervisor: string
  readonly supervised: string
  readonly state: 'active' | 'ended'
}

/** A storage unit: where vaccine is kept. May lie in another place of the same site. */
export interface PlaceFact extends FactColumns {
  readonly id: string
  readonly site: string
  /** The place it lies in, null when it lies in none. Never changes, so there is no circle. */
  readonly parent: string | null
  readonly kind: PlaceKind
  readonly name: string
  readonly nameEn: string | null
  /** Whole litres; null when nobody measured. */
  readonly capacityLitres: number | null
  readonly state: 'active' | 'retired'
}

/** What a place did in a period. Where no row holds, `defaultDuty` does. */
export interface DutyFact extends FactColumns {
  readonly place: string
  readonly duty: Duty
}

/**
 * A named person has looked at a place (查看), at the instant it holds from, and for good: two at once are two. What
 * they noted is the reason.
 */
export interface PlaceCheckFact extends FactColumns {
  readonly id: string
  readonly place: string
}

/** A named fixed position in a place (测点): history, limits and reports belong to it. */
export interface PointFact extends FactColumns {
  readonly id: string
  readonly place: string
  readonly name: string
  readonly nameEn: string | null
  readonly role: PointRole
}

/** A sensor at a point during a period. A sensor is at one point at an instant. */
export interface PlacementFact extends FactColumns {
  readonly device: string
  readonly sensor: string
  readonly point: string
  readonly standing: Standing
}

/** A vaccine or other medicine, the same for all organisations. Its label beats what its place allows. */
export interface ProductFact extends FactColumns {
  readonly id: string
  readonly name: string
  readonly nameEn: string | null
  /** GTIN, or the leading digits of its trace codes (追溯码); null when it has none. */
  readonly code: string | null
  /** What the label allows, both ends included, in milli-degrees Celsius. */
  readonly rangeMinMilliC: number
  readonly rangeMaxMilliC: number
  readonly freezeSensitive: 0 | 1
  readonly lightSensitive: 0 | 1
  /** Of its decay, J/mol; null where its maker says nothing, and then that of USP <1079.2> is used. */
  readonly activationJoulesPerMol: number | null
}

/** A lot of a product (批次), the same for all organisations. */
export interface LotFact extends FactColumns {
  readonly id: string
  readonly product: string
  /** Lot number (批号) as printed. */
  readonly number: string
  readonly maker: string
  /** Last day of use (有效期至), `YYYY-MM-DD`. */
  readonly expiresOn: string
}

/** Stock in place: so many smallest package units of a lot in a place during a period. 0 = none any more. */
export interface CustodyFact extends FactColumns {
  readonly lot: string
  readonly place: string
  readonly quantity: number
}

/**
 * Whether a version of a rule pack holds for an organisation (or `root`) and those below it that say nothing
 * themselves. Where nobody says anything, the rules whose confidence is `seen` hold.
 */
export interface RuleActivationFact extends FactColumns {
  readonly pack: string
  readonly version: number
  readonly organisation: string
  readonly state: 'active' | 'inactive'
}

/** Fact tables and their rows. */
export interface FactTables {
  readonly organisation: OrganisationFact
  readonly site: SiteFact
  readonly device: DeviceFact
  readonly device_secret: DeviceSecretFact
  readonly sensor: SensorFact
  readonly user: UserFact
  readonly password: PasswordFact
  readonly grant: GrantFact
  readonly key: KeyFact
  readonly supervises: SupervisesFact
  readonly place: PlaceFact
  readonly duty: DutyFact
  readonly place_check: PlaceCheckFact
  readonly point: PointFact
  readonly placement: PlacementFact
  readonly product: ProductFact
  readonly lot: LotFact
  readonly custody: CustodyFact
  readonly rule_activation: RuleActivationFact
  readonly rule_proposal: RuleProposalFact
  readonly recipient: RecipientFact
  readonly incident: IncidentFact
  readonly incident_finding: IncidentFindingFact
  readonly message: MessageFact
}
/** Name of one fact table. */
export type FactTable = keyof FactTables

/** A signed-in person's session; not a fact but state, ended at once when asked. Times in epoch ms. */
export interface SessionRow {
  readonly tokenSha256: string
  readonly user: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly endedAt: number | null
}

/**
 * A period in which a sensor may be at another point than was recorded before: [fromMs, toMs), epoch ms, null =
 * open. Written with every change of a placement, so that what was derived from it is derived again.
 */
export interface PlacementChange {
  /** Ascending; what a consumer keeps as its cursor. */
  readonly seq: number
  readonly device: string
  readonly sensor: string
  readonly fromMs: number
  readonly toMs: number | null
}

/**
 * One step of the change feed that keeps in-memory views (sessions, rights, device policy) current: the rows a
 * transaction appended, in order, with the version of the facts after it. Rows of `unfedTables` are left out; of checks
 * a snapshot has the newest of each place.
 */
export interface FactChange {
  readonly version: number
  readonly rows: readonly FedRow[]
}
/** A row of the feed with its table. */
export type FedRow =
  | { [T in FedTable]: { readonly table: T; readonly row: FactTables[T] } }[FedTable]
  | { readonly table: 'session'; readonly row: SessionRow }
/** Tables whose rows views never get: hashes of passwords, and what is only looked up in lists. */
export const unfedTables = ['password', 'incident_finding', 'message', 'rule_proposal'] as const
/** Tables that are fed to views. */
export type FedTable = Exclude<FactTable, (typeof unfedTables)[number]>

/** Who does something. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'local' | 'system'
  readonly id: string
}

/** The actor as written in `recordedBy` and the audit rows. */
export function actorName(actor: Actor): string {
  return `${actor.kind}:${actor.id}`
}

/** Who has done what nobody did: the acts of a demonstration. Nobody else may claim that an act was done before. */
export const DEMO_SCRIPT: Actor = { kind: 'system', id: 'demo-script' }

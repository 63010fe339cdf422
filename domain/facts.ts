import type { OrganisationKind, Role } from './access.ts'

/**
 * Columns of every fact table (design section 4). Facts are append-only: a change appends rows that name
 * the row they supersede; what is true now is what nobody superseded and whose period holds now.
 */
export interface FactColumns {
  /** Number of the row in its table, ascending. */
  readonly fact: number
  /** The row holds for [validFrom, validTo), epoch ms; null = open. */
  readonly validFrom: number
  readonly validTo: number | null
  readonly recordedAt: number
  /** The actor, as `user:<id>`, `key:<id>`, `local:<account>` or `system:<part>`. */
  readonly recordedBy: string
  readonly reason: string
  /** The row this one replaces, null when it replaces none. */
  readonly supersedes: number | null
}

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
 * One step of the change feed that keeps in-memory views (sessions, rights, device policy) current: the rows a
 * transaction appended, in order, with the version of the facts after it. `password` rows are never fed.
 */
export interface FactChange {
  readonly version: number
  readonly rows: readonly FedRow[]
}
/** A row of the feed with its table. */
export type FedRow =
  | { [T in FedTable]: { readonly table: T; readonly row: FactTables[T] } }[FedTable]
  | { readonly table: 'session'; readonly row: SessionRow }
/** Tables that are fed to views. */
export type FedTable = Exclude<FactTable, 'password'>

/** Who does something. */
export interface Actor {
  readonly kind: 'user' | 'key' | 'local' | 'system'
  readonly id: string
}

/** The actor as written in `recordedBy` and the audit rows. */
export function actorName(actor: Actor): string {
  return `${actor.kind}:${actor.id}`
}

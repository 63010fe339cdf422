import type {
  FindingKind,
  Actor,
  DeviceFact,
  KeyFact,
  OrganisationFact,
  OrganisationKind,
  Role,
  SessionRow,
  SiteFact,
  Stands,
  UserFact,
} from '../domain/index.ts'
import type { IncidentCommands, IncidentQueries } from './contract-incidents.ts'
import type { PlaceCommands } from './contract-places.ts'
import type { RuleCommands, RuleQueries } from './contract-rules.ts'
import type { NumericQuantity, Period, Selection } from './readings/port.ts'

/**
 * What can be asked of the core, the only writer. Each command is one transaction through `act()`: state and
 * audit row together. The caller has already checked the right; the command checks the facts.
 * Rejections are `Problem`s (`not-found`, `already-exists`, `conflict`, `demo-only`, `bad-request`, ...).
 */
export interface Commands extends PlaceCommands, IncidentCommands, RuleCommands {
  'organisation.create': Command<NewOrganisation, OrganisationFact>
  'site.create': Command<NewSite, SiteFact>
  /** Answers the secret once; only its SHA-256 is kept. */
  'device.create': Command<NewDevice, { device: DeviceFact; secret: string }>
  'device.revoke': Command<{ id: string; reason: string }, DeviceFact>
  'device.accept-from': Command<{ id: string; acceptFromMs: number; reason: string }, DeviceFact>
  /** Replaces the secret; the old one stops working at once. */
  'device.issue-secret': Command<{ id: string; reason: string }, { secret: string }>
  'user.create': Command<NewUser, UserFact>
  /**
   * Ends the user's sessions too. `checkedHash` is the hash the caller checked a password against: refused
   * (`conflict`) when another one is stored by now.
   */
  'user.set-password': Command<
    { id: string; passwordHash: string; checkedHash?: string; reason?: string },
    UserFact
  >
  /** Ends the user's sessions too. Refused (`conflict`) for the last active administrator of `root`. */
  'user.deactivate': Command<{ id: string; reason: string }, UserFact>
  'user.grant': Command<{ id: string; organisation: string; role: Role; reason?: string }, UserFact>
  /** Refused (`conflict`) when nobody active would administer `root` any more. */
  'user.revoke-grant': Command<{ id: string; organisation: string; role: Role; reason: string }, UserFact>
  /** Answers the key once; only its SHA-256 is kept. */
  'key.create': Command<
    { name: string; organisation: string; role: Role; reason?: string },
    { key: KeyFact; secret: string }
  >
  'key.revoke': Command<{ id: string; reason: string }, KeyFact>
  /** Opens a session and answers its token once; only its SHA-256 is kept. `checkedHash` as above. */
  'session.open': Command<{ user: string; checkedHash?: string }, { token: string; session: SessionRow }>
  'session.end': Command<{ tokenSha256: string }, SessionRow>
  /** Makes the first administrator when there is no user yet; `created` false when there is one. */
  'setup.administrator': Command<{ passwordHash: string }, { created: boolean }>
  /** The stored scrypt hash of an active user, for checking a password outside the core. */
  'user.password-hash': Command<{ name: string }, { user: string; hash: string } | null>
  /** Adds up refusals per (device, reason, hour). Written by the gateway. */
  'refusals.add': Command<{ rows: readonly RefusalCount[] }, { added: number }>
  /**
   * Enters that a record of which something is held is judged again; `held`: how much of it. The core sees to it that
   * it is, see `HeldPort`.
   */
  'held.readmit': Command<{ device: string; index: number; held: number; reason: string }, { act: number }>
  /**
   * Enters that the oldest records of the journal are removed, before they are: every one before `firstKept`. That they
   * may go, the caller has seen to. `receivedUntilMs`: none of them was received later, epoch ms.
   */
  'journal.trim': Command<JournalTrim & { reason: string }, { act: number }>
  /** Enters which of two readings that contradict each other is true: the held one, or what is stored. */
  'held.decide': Command<
    { device: string; index: number; item: number; stands: Stands; reason: string },
    { act: number }
  >
  /** What the system found wrong with itself, for the audit trail; `found` tells numbers, never names. */
  'watch.report': Command<
    { kind: WatchKind; subject: string; found: Readonly<Record<string, string | number | null>> },
    { act: number }
  >
}

/**
 * What the system watches of itself: counters against rows, InfluxDB against the canonical rows, its clock against the
 * time that really passed, and whether something keeps the clock right.
 */
export type WatchKind = 'balance.mismatch' | 'influx.mismatch' | 'clock.step' | 'clock.state'

/** What is removed of the journal: whole segments, the oldest, up to a record. */
export interface JournalTrim {
  /** First record to be kept. */
  readonly firstKept: number
  readonly records: number
  readonly segments: number
  readonly bytes: number
  readonly receivedUntilMs: number
}

/** Input and output of one command. */
export interface Command<Input, Output> {
  readonly input: Input
  readonly output: Output
}
/** Name of one command. */
export type CommandName = keyof Commands

/** The core as others call it: in process, over a message port or over a socket. */
export interface CommandPort {
  command<N extends CommandName>(
    name: N,
    actor: Actor,
    input: Commands[N]['input'],
  ): Promise<Commands[N]['output']>
}

export interface NewOrganisation {
  readonly id: string
  readonly parent: string | null
  readonly kind: OrganisationKind
  readonly demo: boolean
  readonly name: string
  readonly nameEn?: string
  readonly reason?: string
}

export interface NewSite {
  readonly id: string
  readonly organisation: string
  readonly name: string
  readonly nameEn?: string
  /** IANA time zone. */
  readonly zone: string
  readonly reason?: string
}

/** `kind` simulated only below a demo organisation; real only outside one. */
export interface NewDevice {
  readonly id: string
  readonly site: string
  readonly kind: 'real' | 'simulated'
  /** Default: now - 60 days. */
  readonly acceptFromMs?: number
  /** Default 300,000 (5 min). */
  readonly expectedIntervalMs?: number
  readonly label?: string
  readonly reason?: string
}

export interface NewUser {
  readonly name: string
  readonly passwordHash: string
  /** The first role; `organisation` may be `root`. */
  readonly grant?: { readonly organisation: string; readonly role: Role }
  readonly reason?: string
}

/** Refusals of one device for one reason in one hour; device is empty for names that are not registered. */
export interface RefusalCount {
  readonly device: string
  readonly reason: string
  /** Start of the hour, epoch ms. */
  readonly hourMs: number
  readonly count: number
}

/** A page of a list: `after` is the `next` of the page before. `scopes`: organisation ids (subtrees), or `root`. */
export interface PageInput {
  readonly scopes: readonly string[]
  readonly limit: number
  readonly after?: string
}

/**
 * What a query worker answers, as ready UTF-8 JSON bytes. Lists are `{"items":[...],"next":string|null}`.
 * Items have camelCase keys, times as RFC 3339 UTC strings with milliseconds and `...Ms` never; secrets never.
 */
export interface Queries extends IncidentQueries, RuleQueries {
  organisations: PageInput
  sites: PageInput & { readonly organisation?: string }
  devices: PageInput & { readonly site?: string }
  sensors: PageInput & { readonly device?: string }
  users: PageInput
  keys: PageInput
  places: PageInput & { readonly site?: string }
  points: PageInput & { readonly place?: string }
  /** Past ones too, by sensor and time. */
  placements: PageInput & { readonly point?: string; readonly device?: string }
  /** Past ones too, by place and time; with `atMs` those that hold then. */
  duties: PageInput & { readonly place?: string; readonly atMs?: number }
  /** Who looked at places in the scopes, newest first. */
  checks: PageInput & { readonly place?: string }
  /** The same for everybody: scopes are not looked at. */
  products: PageInput
  /** Lots whose stock is or was in the scopes; with `place`, those that are or were there. */
  lots: PageInput & { readonly product?: string; readonly place?: string }
  /** Stock in place of one lot, past too, by place and time. */
  custody: PageInput & { readonly lot: string }
  /** What lies where at an instant, by place and lot; of one place if asked. */
  stock: PageInput & { readonly place?: string; readonly atMs: number }
  /** Of the supervisors and of the supervised in the scopes, past ones too. */
  supervisions: PageInput
  /** `waiting`: without what was decided. */
  held: PageInput & { readonly device?: string; readonly reason?: string; readonly waiting?: true }
  refusals: PageInput & { readonly device?: string }
  /** What one device last said on its status topic; an object or null, not a list. */
  'device.status': { readonly device: string }
  /** Offset and lag of one device's clock. Object, not a list. */
  'device.clock': { readonly device: string }
  /** Numbers of one device that are missing, or times between its readings that are longer than asked. */
  'device.gaps': Omit<PageInput, 'scopes'> & {
    readonly device: string
    readonly by:
      | { readonly kind: 'seq' }
      | { readonly kind: 'time'; readonly period: Period; readonly longerThanMs: number }
  }
  /** One device's balance (promise 2). Object, not a list. */
  balance: { readonly device: string }
  /** By start, then id; those that touch the period, of places in the scopes. */
  findings: PageInput & {
    readonly kind?: FindingKind
    readonly place?: string
    readonly point?: string
    readonly open?: boolean
    readonly fromMs?: number
    readonly toMs?: number
  }
  /** Object, not a list; `not-found` for a finding that does not stand at the place. */
  'finding.explain': { readonly place: string; readonly id: string }
  /** By number; those whose subject belongs to an organisation in the scopes, what belongs to none with `root` only. */
  audit: PageInput & {
    readonly kind?: string
    readonly subject?: string
    readonly actor?: string
    readonly fromMs?: number
    readonly toMs?: number
  }
  readings: LinkedReadings & { readonly limit: number; readonly after?: string }
  'readings.buckets': LinkedReadings & { readonly stepMs: number; readonly quantity: NumericQuantity }
  /** Object, not a list; `not-found` for a lot that is not known. Only legs at places in the scopes. */
  'lot.exposure': {
    readonly lot: string
    readonly scopes: readonly string[]
    /** Left out: since its first custody. */
    readonly fromMs?: number
    readonly toMs: number
    /** The present; what comes later is not counted. */
    readonly asOfMs: number
  }
  /**
   * The excursion report as the bytes of a file. `not-found` for a place that is not in the scopes and a lot that is
   * not known; of a lot only what lay at places in the scopes.
   */
  'report.excursions': {
    readonly subject:
      | { readonly by: 'place'; readonly place: string }
      | { readonly by: 'lot'; readonly lot: string }
    readonly scopes: readonly string[]
    readonly fromMs: number
    readonly toMs: number
    /** The present; what comes later is not counted. */
    readonly asOfMs: number
    readonly format: ReportFormat
    /** Of what is printed; JSON has none. */
    readonly language: 'zh' | 'en'
    /** Who asks, as `recordedBy` has it, and the name that goes with it. */
    readonly by: { readonly actor: string; readonly name: string }
  }
}

/** Files a report comes as. */
export type ReportFormat = 'csv' | 'xlsx' | 'json'

/**
 * Which readings: also those of a place with everything nested in it, or of what spoke for a lot while it lay in
 * places of the scopes. What is of another organisation is left out: by the place's site, or the device's where a
 * sensor or `point` none is asked for.
 */
export interface LinkedReadings {
  readonly selection:
    | Selection
    | { readonly by: 'place'; readonly place: string }
    | { readonly by: 'lot'; readonly lot: string }
  /** By point or place: those of secondary placements too. Default false. */
  readonly secondary?: boolean
  readonly period: Period
  readonly scopes: readonly string[]
}

/** Name of one query. */
export type QueryName = keyof Queries

/** A query worker as others call it. */
export interface QueryPort {
  query<N extends QueryName>(name: N, input: Queries[N]): Promise<Uint8Array>
}

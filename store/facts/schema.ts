import type { Generated } from 'kysely'
import type { FactColumns, FactTable, FactTables, PlacementChange, SessionRow } from '../../domain/index.ts'
import type { RefusalCount } from '../contract.ts'

/** A fact row as stored: numbered by the database, and naming the act (`audit.seq`) that appended it. */
type StoredFact<Row> = Omit<Row, 'fact'> & { readonly fact: Generated<number>; readonly act: number }

/** One row of the audit trail: who did what to what, when and why. Never changed, never deleted. */
export interface AuditRow {
  readonly seq: number
  /** Epoch ms; never decreases with `seq`. */
  readonly at: number
  readonly actor: string
  readonly kind: string
  readonly subject: string
  readonly reason: string
  /** What was and what is, as JSON objects of ids and plain values; never names, secrets or hashes. */
  readonly oldJson: string | null
  readonly newJson: string | null
  /** When it is claimed to have been done, epoch ms; only acts of a demonstration's past have it. */
  readonly claimedAt: number | null
}

/** When a waiting message is tried next, and how often it was. Times in epoch ms. */
export interface OutboxRow {
  readonly message: string
  readonly dueMs: number
  readonly attempts: number
  /** Why the last attempt failed; empty before the first. */
  readonly reason: string
}

/** The facts database as kysely sees it; columns are camelCase here and snake_case on disk. */
export type FactsSchema = {
  readonly [T in FactTable]: StoredFact<FactTables[T]>
} & {
  readonly [T in FactTable as `live_${T}`]: FactTables[T]
} & {
  readonly audit: Omit<AuditRow, 'seq'> & { readonly seq: Generated<number> }
  /** One row per act: the change sequence of the facts. Versions have no holes. */
  readonly fact_version: { readonly version: number; readonly act: number }
  /** `id` names the session in the audit trail, where its token's hash must not appear. */
  readonly session: SessionRow & { readonly id: Generated<number> }
  readonly refusal: RefusalCount
  /** How far each consumer of another store's changes has come, in the transaction of what it made of them. */
  readonly consumer: { readonly name: string; readonly next: number }
  /** The outbox: one row per message that still has to be sent. */
  readonly outbox: OutboxRow
  readonly placement_change: Omit<PlacementChange, 'seq'> & {
    readonly seq: Generated<number>
    readonly act: number
  }
}

/** Columns every fact table has, in the order they are read. */
const factColumns = [
  'fact',
  'validFrom',
  'validTo',
  'recordedAt',
  'recordedBy',
  'reason',
  'supersedes',
] as const satisfies readonly (keyof FactColumns)[]

/** The columns of one entity in a fact table, without those every fact has. */
export type FactValues<T extends FactTable> = Omit<FactTables[T], keyof FactColumns>

/** The columns that say which entity a row speaks of: at each instant at most one live row of a key holds. */
export const factKeys = {
  organisation: ['id'],
  site: ['id'],
  device: ['id'],
  device_secret: ['device'],
  sensor: ['device', 'name'],
  user: ['id'],
  password: ['user'],
  grant: ['user', 'organisation', 'role'],
  key: ['id'],
  supervises: ['supervisor', 'supervised'],
  place: ['id'],
  duty: ['place'],
  place_check: ['id'],
  point: ['id'],
  placement: ['device', 'sensor'],
  product: ['id'],
  lot: ['id'],
  custody: ['lot', 'place'],
  rule_activation: ['pack', 'version', 'organisation'],
  rule_proposal: ['id'],
  recipient: ['id'],
  incident: ['id'],
  incident_finding: ['incident', 'finding'],
  message: ['id'],
} as const satisfies { readonly [T in FactTable]: readonly (keyof FactValues<T>)[] }

/** The values of the key columns of one entity. */
export type FactKey<T extends FactTable> = Pick<
  FactValues<T>,
  Extract<(typeof factKeys)[T][number], keyof FactValues<T>>
>

const own = {
  organisation: ['id', 'parent', 'kind', 'demo', 'name', 'nameEn'],
  site: ['id', 'organisation', 'name', 'nameEn', 'zone'],
  device: ['id', 'site', 'kind', 'state', 'acceptFrom', 'expectedInterval', 'label'],
  device_secret: ['device', 'sha256'],
  sensor: ['device', 'name'],
  user: ['id', 'name', 'state'],
  password: ['user', 'hash'],
  grant: ['user', 'organisation', 'role', 'state'],
  key: ['id', 'name', 'organisation', 'role', 'sha256', 'state'],
  supervises: ['supervisor', 'supervised', 'state'],
  place: ['id', 'site', 'parent', 'kind', 'name', 'nameEn', 'capacityLitres', 'state'],
  duty: ['place', 'duty'],
  place_check: ['id', 'place'],
  point: ['id', 'place', 'name', 'nameEn', 'role'],
  placement: ['device', 'sensor', 'point', 'standing'],
  product: [
    'id',
    'name',
    'nameEn',
    'code',
    'rangeMinMilliC',
    'rangeMaxMilliC',
    'freezeSensitive',
    'lightSensitive',
    'activationJoulesPerMol',
  ],
  lot: ['id', 'product', 'number', 'maker', 'expiresOn'],
  custody: ['lot', 'place', 'quantity'],
  rule_activation: ['pack', 'version', 'organisation', 'state'],
  rule_proposal: [
    'id',
    'pack',
    'version',
    'organisation',
    'state',
    'stateBefore',
    'effectiveMs',
    'emergency',
    'correction',
    'status',
    'proposedBy',
  ],
  recipient: ['id', 'place', 'name', 'channel', 'address', 'language', 'hours', 'state'],
  incident: [
    'id',
    'place',
    'cause',
    'state',
    'grade',
    'open',
    'seenLate',
    'told',
    'calledGrade',
    'labelMilliC',
    'calledLabelMilliC',
    'calledMs',
    'callDueMs',
    'acknowledgedBy',
    'acknowledgedMs',
    'resolvedBy',
    'resolvedMs',
    'resolution',
    'mutedBy',
    'mutedUntilMs',
  ],
  incident_finding: ['incident', 'finding'],
  message: [
    'id',
    'decidedBy',
    'incident',
    'recipient',
    'recipientFact',
    'channel',
    'template',
    'grade',
    'language',
    'subject',
    'text',
    'variables',
    'outsideHours',
    'state',
    'sentMs',
    'receiptMs',
    'reference',
    'detail',
  ],
} as const satisfies { readonly [T in FactTable]: readonly (keyof FactValues<T>)[] }

/**
 * Columns of each fact table that never leave the facts database for the `audit` log (decision 5): names of persons,
 * how they are reached, what they were told, secrets and their hashes. Every table states it.
 */
export const privateColumns: { readonly [T in FactTable]: readonly (keyof FactValues<T>)[] } = {
  organisation: [],
  site: [],
  device: [],
  device_secret: ['sha256'],
  sensor: [],
  user: ['name'],
  password: ['hash'],
  grant: [],
  key: ['name', 'sha256'],
  supervises: [],
  place: [],
  duty: [],
  place_check: [],
  point: [],
  placement: [],
  product: [],
  lot: [],
  custody: [],
  rule_activation: [],
  rule_proposal: [],
  recipient: ['name', 'address'],
  incident: [],
  incident_finding: [],
  // what was said is not what was done; a gateway's own words may repeat a number
  message: ['subject', 'text', 'variables', 'detail'],
}

/** Every column of a fact table that belongs to its row as `domain/facts.ts` tells it. */
export function columnsOf(table: FactTable): readonly string[] {
  return [...factColumns, ...own[table]]
}

/** The columns of a table that the `audit` log carries, the number of the row first. */
export function auditedColumns(table: FactTable | 'placement_change'): readonly string[] {
  if (table === 'placement_change') return ['seq', 'device', 'sensor', 'fromMs', 'toMs']
  const hidden: readonly string[] = privateColumns[table]
  return columnsOf(table).filter((column) => !hidden.includes(column))
}

/** The values of a row without the columns every fact has. */
export function ownColumns<T extends FactTable>(table: T, row: FactTables[T]): FactValues<T> {
  const columns: readonly string[] = own[table]
  const values = Object.entries(row).filter(([column]) => columns.includes(column))
  // `own` lists exactly the columns of FactValues<T>
  return Object.fromEntries(values) as unknown as FactValues<T>
}

/** The fact tables, in an order in which what is named comes before what names it. */
export const factTables = Object.keys(own) as readonly FactTable[]

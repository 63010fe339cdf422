import type { Actor, FactChange } from '../../domain/index.ts'
import type { CommandName, Commands, Queries, QueryName } from '../../store/index.ts'

/**
 * What travels between the core and the other parts. Calls to the core:
 * `command` (CommandCall), `query` (QueryCall, answered with UTF-8 JSON bytes), `status` (CoreStatus),
 * `feed` (starts the notices `facts-snapshot` and `facts-change` to the caller).
 * Whoever starts a query thread passes both notices on to it.
 * Notices to the core: `durable` (DurableNotice), from the part that writes the journal.
 */
export interface CommandCall<N extends CommandName = CommandName> {
  readonly name: N
  readonly actor: Actor
  readonly input: Commands[N]['input']
}

/** A query as it travels; see `Queries`. */
export interface QueryCall<N extends QueryName = QueryName> {
  readonly name: N
  readonly input: Queries[N]
}

/** All live facts at a version, then every change after it. */
export type FactsNotice = FactChange

/** How many records of the `readings` log are durable. */
export interface DurableNotice {
  readonly durableEnd: number
}

/** How far the core's consumers have come; positions are indexes in the `readings` log. */
export interface CoreStatus {
  /** Records known to be durable; null until the gateway said so. */
  readonly durableEnd: number | null
  readonly ingest: number
  readonly census: number
  /** Null when no InfluxDB is configured. */
  readonly influx: InfluxStatus | null
}

/** State of the InfluxDB projection. */
export interface InfluxStatus {
  readonly cursor: number
  readonly heldPoints: number
  /** What keeps it from going on; null when it is going on. */
  readonly lastError: string | null
}

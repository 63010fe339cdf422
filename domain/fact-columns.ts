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

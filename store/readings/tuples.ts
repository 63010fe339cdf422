/** The value columns of a reading, null where it did not say. */
export type ValueTuple = [
  temperatureMilliC: number | null,
  humidityMilliPct: number | null,
  batteryMilliPct: number | null,
  doorOpen: number | null,
  mainsPower: number | null,
  latE7: number | null,
  lonE7: number | null,
]

/**
 * A changed row by its columns, for who goes through everything that is stored: an object with names costs as much as
 * reading it. Values are null where the reading did not say; times are epoch ms.
 */
export type ChangedTuple = readonly [
  changedIndex: number,
  series: number,
  tMs: number,
  sub: number,
  seq: number | null,
  receivedAtMs: number,
  ...ValueTuple,
]

/** Rows last changed by records [the asked index, `next`), whole records only, by their columns. */
export interface ChangedTuples {
  readonly rows: readonly ChangedTuple[]
  readonly next: number
}

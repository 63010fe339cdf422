import assert from 'node:assert/strict'
import type { HeaderState } from './format.ts'

/** Every state the first bytes of a segment can be in. */
export const headerStates = [
  'good',
  'torn',
  'bad',
  'unknown version',
  'misnamed',
] as const satisfies readonly HeaderState[]

/** What can be found at a place where a frame could begin. */
export const sights = [
  /** A whole frame with records: both checksums hold and it continues the log. */
  'records',
  /** A whole frame without records, which confirms what lies before it. */
  'confirmation',
  /** The file ends here, after at least one frame. */
  'end',
  /** The file ends after its header, before any frame. */
  'nothing',
  /** The file ends inside the frame's header. */
  'torn header',
  /** The header holds; the file ends inside the payload. */
  'torn payload',
  /** The header holds; all the payload's bytes are there but do not match it. */
  'bad payload',
  /** It begins like a frame, but the header's checksum is wrong. */
  'bad header',
  /** Zeros where the header should be. */
  'zeros',
  /** Other bytes that do not begin like a frame. */
  'foreign bytes',
  /** A header that holds but belongs to another place: wrong index or wrong offset. */
  'misplaced frame',
] as const
/** What was found at a place; see `sights`. */
export type Sight = (typeof sights)[number]

/**
 * How the place lies to the segment after it. `last`: there is none. `before`, `at`, `after`: the index
 * expected at this place is below, equal to, or above the first index of the next segment.
 */
export const reaches = ['last', 'before', 'at', 'after'] as const
/** How a place lies to the next segment; see `reaches`. */
export type Reach = (typeof reaches)[number]

/** All that a decision depends on. With a header that is not good, nothing behind it is looked at. */
export interface Place {
  readonly header: HeaderState
  readonly sight: Sight
  /**
   * Something proves that the log durably reaches beyond this place: a frame header further on in this
   * segment that holds, or, for followers, the durable end they were told.
   */
  readonly confirmed: boolean
  readonly reach: Reach
}

/** What to do about a place. Only `open` acts on it; followers refuse everything but `keep` and `go on`. */
export type Decision =
  | 'keep'
  | 'write again'
  | 'end of log'
  | 'go on'
  | 'cut tail'
  | 'remove segment'
  | 'report damage'
  | 'refuse version'

/** One row: it matches a place when each of its lists has the place's value; a list left out has all. */
export interface Row {
  readonly header: readonly HeaderState[]
  readonly sight?: readonly Sight[]
  readonly confirmed?: boolean
  readonly reach?: readonly Reach[]
  readonly decision: Decision
  readonly why: string
}

const good = ['good'] as const
const whole = ['records', 'confirmation'] as const satisfies readonly Sight[]
const broken = [
  'torn header',
  'torn payload',
  'bad payload',
  'bad header',
  'zeros',
  'foreign bytes',
] as const satisfies readonly Sight[]
const others = ['end', 'nothing', ...broken, 'misplaced frame'] as const satisfies readonly Sight[]

/** The decision table: exactly one row matches each place (a test walks through all of them). */
export const rows: readonly Row[] = [
  {
    header: ['torn'],
    confirmed: false,
    reach: ['last'],
    decision: 'remove segment',
    why: 'a header is synced before the first frame is written, so no record of this segment was acknowledged',
  },
  {
    header: ['torn'],
    confirmed: true,
    reach: ['last'],
    decision: 'report damage',
    why: 'something later proves that durable records lay in this segment',
  },
  {
    header: ['torn'],
    reach: ['before', 'at', 'after'],
    decision: 'report damage',
    why: 'a later segment exists, so this one was whole once',
  },
  {
    header: ['bad'],
    decision: 'report damage',
    why: 'frames are written only after the header is synced, so the header was whole once',
  },
  {
    header: ['misnamed'],
    decision: 'report damage',
    why: 'the header belongs to another segment than the file name says',
  },
  {
    header: ['unknown version'],
    decision: 'refuse version',
    why: 'the header holds and names a format version this program does not read',
  },
  {
    header: good,
    sight: whole,
    confirmed: true,
    reach: ['last'],
    decision: 'keep',
    why: 'the frame is whole and something later proves that it is durable',
  },
  {
    header: good,
    sight: whole,
    confirmed: false,
    reach: ['last'],
    decision: 'write again',
    why: 'the frame is whole, but after a failed sync the page cache can show bytes the disk never took',
  },
  {
    header: good,
    sight: ['end'],
    confirmed: false,
    reach: ['last'],
    decision: 'end of log',
    why: 'the log ends with a whole frame',
  },
  {
    header: good,
    sight: ['nothing'],
    confirmed: false,
    reach: ['last'],
    decision: 'remove segment',
    why: 'the segment was begun and never took a record',
  },
  {
    header: good,
    sight: broken,
    confirmed: false,
    reach: ['last'],
    decision: 'cut tail',
    why: 'nothing proves that these bytes were ever durable, so they were never acknowledged',
  },
  {
    header: good,
    sight: ['end', 'nothing', ...broken],
    confirmed: true,
    reach: ['last'],
    decision: 'report damage',
    why: 'something later proves that durable records lay here',
  },
  {
    header: good,
    sight: ['misplaced frame'],
    reach: ['last'],
    decision: 'report damage',
    why: 'an interrupted write cannot put a valid frame in the wrong place',
  },
  {
    header: good,
    sight: whole,
    reach: ['before'],
    decision: 'keep',
    why: 'the frame is whole; a segment is begun only when the one before it is durable',
  },
  {
    header: good,
    sight: others,
    reach: ['before'],
    decision: 'report damage',
    why: 'records are missing between here and the next segment',
  },
  {
    header: good,
    sight: ['confirmation'],
    reach: ['at'],
    decision: 'keep',
    why: 'the log was closed here before the next segment was begun',
  },
  {
    header: good,
    sight: ['end'],
    reach: ['at'],
    decision: 'go on',
    why: 'the segment ends where the next one begins',
  },
  {
    header: good,
    sight: ['records', 'nothing', ...broken, 'misplaced frame'],
    reach: ['at'],
    decision: 'report damage',
    why: 'there is something where the segment must end, because the next one begins with this index',
  },
  {
    header: good,
    reach: ['after'],
    decision: 'report damage',
    why: 'the segment holds records that the next one holds too',
  },
]

/** The row for a place. */
export function decide(place: Place): Row {
  const row = rows.find((each) => matches(each, place))
  assert.ok(row !== undefined, `no row for ${JSON.stringify(place)}`)
  return row
}

/** True when the row is about this place. */
export function matches(row: Row, place: Place): boolean {
  return (
    row.header.includes(place.header) &&
    (row.sight?.includes(place.sight) ?? true) &&
    (row.confirmed ?? place.confirmed) === place.confirmed &&
    (row.reach?.includes(place.reach) ?? true)
  )
}

import { type Finding, type FindingKind, Problem } from '../../domain/index.ts'
import { openCurrent } from '../readings/schema.ts'
import { type Prepare, preparing } from '../readings/sqlite.ts'
import type { FindingChangeKind, FindingFilter, FindingPage, FindingReads, JudgedFinding } from './port.ts'
import { sensorReads } from './sensor-reads.ts'

/** Opens the findings on a connection that can only read, and throws, as `openCurrent` does. */
export function openFindingReads({
  path,
  cacheKib,
}: {
  readonly path: string
  readonly cacheKib?: number
}): FindingReads {
  const database = openCurrent(path, cacheKib)
  const prepare = preparing(database, path, () => undefined)
  return {
    page: findingPages(prepare),
    ...changeReads(prepare),
    ...judgedReads(prepare),
    ...sensorReads(prepare),
    close: () => {
      if (database.isOpen) database.close()
    },
  }
}

interface FindingColumns {
  readonly json: string
}

/** What became of findings, change by change. */
function changeReads(prepare: Prepare) {
  const changed = prepare<{
    readonly no: number
    readonly kind: FindingChangeKind
    readonly replaces: string
    readonly fact_version: number
    readonly recorded_ms: number
    readonly json: string
  }>(
    'select no, kind, replaces, fact_version, recorded_ms, json from finding_change where no > ? order by no limit ?',
  )
  const versions = prepare<FindingColumns>(
    `select json from finding_change where finding = ? and no < ?
     group by json_extract(json, '$.place'), json_extract(json, '$.endMs')`,
  )
  const last = prepare<{ no: number }>('select coalesce(max(no), 0) as no from finding_change')
  return {
    changesAfter: (no, limit) =>
      changed.all(no, limit).map((row) => ({
        no: row.no,
        kind: row.kind,
        finding: findingOf(row),
        replaces: JSON.parse(row.replaces) as string[],
        factVersion: row.fact_version,
        recordedAtMs: row.recorded_ms,
      })),
    versionsBefore: (id, no) => versions.all(id, no).map(findingOf),
    lastChange: () => last.get()?.no ?? 0,
  } satisfies Partial<FindingReads>
}

function judgedReads(prepare: Prepare) {
  const from = prepare<FindingColumns>('select json from finding where point = ? and start_ms >= ?')
  const all = prepare<FindingColumns>('select json from finding')
  const kinds = prepare<{ readonly kind: FindingKind; readonly count: number }>(
    "select json_extract(json, '$.kind') as kind, count(*) as count from finding where open = 1 group by 1",
  )
  const openAt = prepare<FindingColumns>('select json from finding where place = ? and open = 1')
  const replacing = prepare<{ finding: string; replaces: string }>(
    "select finding, replaces from finding_change where no > ? and replaces <> '[]' order by no",
  )
  const replaced = prepare<{ id: string }>(
    `with recursive earlier (id) as (
       select ?1
       union
       select r.value from earlier e
         cross join finding_change c on c.finding = e.id
         cross join json_each(c.replaces) r
     )
     select id from earlier where id <> ?1`,
  )
  const one = prepare<ListedColumns>('select json, as_of_ms from finding where id = ?')
  const point = prepare<{ facts: string; watched: number; early_ms: number | null }>(
    'select facts, watched, early_ms from judged_point where point = ?',
  )
  const watched = prepare<{ point: string }>('select point from judged_point where watched = 1')
  return {
    findingsFrom: (id, fromMs) => from.all(id, fromMs).map(findingOf),
    allFindings: () => all.all().map(findingOf),
    openByKind: () => Object.fromEntries(kinds.all().map(({ kind, count }) => [kind, count])),
    openAt: (place) => openAt.all(place).map(findingOf),
    successors: (ids, afterNo) => {
      const known = new Set(ids)
      // in their order, so that what stands for a successor comes after it
      for (const { finding, replaces } of ids.length === 0 ? [] : replacing.all(afterNo)) {
        if ((JSON.parse(replaces) as string[]).some((id) => known.has(id))) known.add(finding)
      }
      return [...known].slice(new Set(ids).size)
    },
    predecessors: (id) => replaced.all(id).map((row) => row.id),
    standing: (ids) =>
      ids.flatMap((id) => {
        const row = one.get(id)
        return row === undefined ? [] : [judgedFinding(row)]
      }),
    judgedPoint: (id) => {
      const row = point.get(id)
      if (row === undefined) return undefined
      return { point: id, factsJson: row.facts, watched: row.watched === 1, earlyMs: row.early_ms }
    },
    watchedPoints: () => watched.all().map((row) => row.point),
  } satisfies Partial<FindingReads>
}

/** Only `savePointOutcome` writes the column, so it holds a finding. */
function findingOf({ json }: FindingColumns): Finding {
  return JSON.parse(json) as Finding
}

interface ListedColumns extends FindingColumns {
  readonly as_of_ms: number
}

/** Above so many places a list goes through all findings by their start; a report is of few places. */
const PLACES_SOUGHT_MAX = 50

/** What a page is sought by: an index finds the findings of few places, of a point, and those that are open. */
const sought = {
  places:
    'place in (select value from json_each(?1)) and (?2 is null or point = ?2) and (?3 is null or open = ?3)',
  point:
    '(?1 is null or place in (select value from json_each(?1))) and point = ?2 and (?3 is null or open = ?3)',
  open: '(?1 is null or place in (select value from json_each(?1))) and ?2 is null and open = 1 and ?3 = 1',
  start: `(?1 is null or place in (select value from json_each(?1))) and (?2 is null or point = ?2)
    and (?3 is null or open = ?3)`,
} as const

/** Pages of findings by start and id. */
export function findingPages(prepare: Prepare): (filter: FindingFilter) => FindingPage {
  const listed = (by: keyof typeof sought) =>
    prepare<ListedColumns>(
      `select json, as_of_ms from finding
       where ${sought[by]} and (?4 is null or end_ms is null or end_ms > ?4)
         and start_ms < coalesce(?5, ${Number.MAX_SAFE_INTEGER}) and (start_ms, id) > (?6, ?7)
         and (?8 is null or json ->> 'kind' = ?8)
       order by start_ms, id limit ?9`,
    )
  const by = {
    places: listed('places'),
    point: listed('point'),
    open: listed('open'),
    start: listed('start'),
  }
  return ({ places, point, kind, open, fromMs, toMs, limit, after }) => {
    const [afterMs, afterId] = cursorOf(after)
    const isFew = places !== undefined && places.length <= PLACES_SOUGHT_MAX
    const how = point !== undefined ? 'point' : isFew ? 'places' : open === true ? 'open' : 'start'
    const rows = by[how].all(
      places === undefined ? null : JSON.stringify(places),
      point ?? null,
      open === undefined ? null : Number(open),
      fromMs ?? null,
      toMs ?? null,
      afterMs,
      afterId,
      kind ?? null,
      limit + 1,
    )
    const items = rows.slice(0, limit).map(judgedFinding)
    const last = items.at(-1)?.finding
    return { items, next: last !== undefined && rows.length > limit ? `${last.startMs}/${last.id}` : null }
  }
}

function judgedFinding(row: ListedColumns): JudgedFinding {
  return { finding: findingOf(row), asOfMs: row.as_of_ms }
}

function cursorOf(after: string | undefined): readonly [number, string] {
  if (after === undefined) return [Number.MIN_SAFE_INTEGER, '']
  const [, startMs, id] = /^(-?\d{1,15})\/([0-9a-f]{16})$/.exec(after) ?? []
  if (startMs !== undefined && id !== undefined) return [Number(startMs), id]
  throw new Problem('bad-request', {
    what: `"${after.slice(0, 200)}" is not where a page ends.`,
    remedy: 'Give the `next` of the page before, unchanged.',
  })
}

import type { Prepare } from '../readings/sqlite.ts'
import type { FindingWrites } from './port.ts'

/** Writes findings in the canonical transaction. */
export function findingWrites(prepare: Prepare): FindingWrites {
  const putPoint = prepare(
    `insert into judged_point (point, facts, watched, early_ms) values (?, ?, ?, ?)
     on conflict (point) do update set facts = excluded.facts, watched = excluded.watched, early_ms = excluded.early_ms`,
  )
  const remove = prepare('delete from finding where id = ?')
  const put = prepare(
    `insert or replace into finding (id, point, place, open, start_ms, end_ms, as_of_ms, json)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const change = prepare(
    'insert into finding_change (kind, finding, replaces, fact_version, recorded_ms, json) values (?, ?, ?, ?, ?, ?)',
  )
  const putHeardTo = prepare(
    `insert into heard_to (only, ms) values (1, ?)
     on conflict (only) do update set ms = excluded.ms where excluded.ms <> heard_to.ms`,
  )
  return {
    setHeardTo: (heardToMs) => {
      putHeardTo.run(heardToMs)
    },
    savePointOutcome: ({ judged, removed, put: findings, changes, factVersion, recordedAtMs }) => {
      if (judged !== undefined)
        putPoint.run(judged.point, judged.factsJson, judged.watched ? 1 : 0, judged.earlyMs)
      for (const id of removed) remove.run(id)
      for (const { finding, asOfMs } of findings) {
        const { id, point, place, open, startMs, endMs } = finding
        put.run(id, point, place, open ? 1 : 0, startMs, endMs, asOfMs, JSON.stringify(finding))
      }
      for (const { kind, finding, replaces } of changes) {
        const json = JSON.stringify(finding)
        change.run(kind, finding.id, JSON.stringify(replaces), factVersion, recordedAtMs, json)
      }
    },
  }
}

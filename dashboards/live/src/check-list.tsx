import { useEffect, useState } from 'preact/hooks'
import type { Check } from './answers.ts'
import { readName } from './incidents.ts'
import { words } from './language.ts'
import { board } from './live.ts'
import { claimText, personName } from './people.ts'
import { printedTime } from './print.ts'
import { get } from './server.ts'

/** A week of two rounds a day. */
const CHECKS_SHOWN = 14

/** Who looked at a place of late, the newest first; a missing round is to be seen. */
export function CheckList({ place, zone }: { readonly place: string; readonly zone: string }) {
  const [checks, setChecks] = useState<readonly Check[]>([])
  const lastId = board.value?.checks.get(place)?.id
  useEffect(() => {
    let isOver = false
    void get<{ items: readonly Check[] }>(`checks?place=${place}&limit=${CHECKS_SHOWN}`).then((answer) => {
      // refused or unreachable: what was read before stays, and the next check reads again
      if (isOver || 'refused' in answer) return
      setChecks(answer.value.items)
      for (const { recordedBy } of answer.value.items) void readName(recordedBy)
    })
    return () => {
      isOver = true
    }
  }, [place, lastId])
  return (
    <section class="panel">
      <h2>{words.value.checksHere}</h2>
      {checks.length === 0 ? <p class="empty">{words.value.neverChecked}</p> : null}
      <ol class="course checks">
        {checks.map(({ id, at, claimedAt, recordedAt, recordedBy, note }) => (
          <li key={id}>
            <time>{printedTime(at, zone)}</time>
            <span>
              <strong>{personName(recordedBy)}</strong>
              {claimedAt === null ? null : <em>{claimText(claimedAt, recordedAt, zone)}</em>}
              {note === '' || claimedAt !== null ? null : <em>{note}</em>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

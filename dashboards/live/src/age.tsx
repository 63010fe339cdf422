import { words } from './language.ts'
import type { PointStanding } from './standing.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How old a value is and how often one is expected; marked when it is overdue. */
export function Age({ of }: { readonly of: PointStanding }) {
  const { ageMs, intervalMs, isOverdue } = of
  if (ageMs === undefined) return <span class="age overdue">{words.value.neverSeen}</span>
  return (
    <span class={isOverdue ? 'age overdue' : 'age'} title={words.value.ageMeaning}>
      {ageText(ageMs)}
      {isOverdue ? ` · ${words.value.overdue}` : ''} · {intervalText(intervalMs)}
    </span>
  )
}

function ageText(ageMs: number): string {
  if (ageMs < MINUTE_MS) return words.value.ageSeconds(Math.floor(Math.max(0, ageMs) / 1_000))
  if (ageMs < 2 * HOUR_MS) return words.value.ageMinutes(Math.floor(ageMs / MINUTE_MS))
  if (ageMs < 2 * DAY_MS) return words.value.ageHours(Math.floor(ageMs / HOUR_MS))
  return words.value.ageDays(Math.floor(ageMs / DAY_MS))
}

function intervalText(intervalMs: number): string {
  if (intervalMs < 2 * MINUTE_MS) return words.value.everySeconds(Math.round(intervalMs / 1_000))
  return words.value.everyMinutes(Math.round((intervalMs / MINUTE_MS) * 10) / 10)
}

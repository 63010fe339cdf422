import { useEffect } from 'preact/hooks'
import { extremesSince, readPast, widenBy } from './extremes.ts'
import { language, words } from './language.ts'
import { board, serverNowMs } from './live.ts'
import { printedNumber, printedRecently, printedTemperature } from './print.ts'
import { sinceOf } from './since.ts'
import type { PointStanding } from './standing.ts'

const MINUTE_MS = 60_000

/** The lowest and highest at points of a place since its last check, or of today; what is not known is said. */
export function MinMax(props: {
  readonly place: { readonly id: string; readonly kind: string }
  readonly points: readonly PointStanding[]
  readonly zone: string
  readonly limits: readonly number[]
}) {
  const { place, points, zone, limits } = props
  const nowMs = serverNowMs.value
  const since = sinceOf(board.value?.checks.get(place.id), zone, nowMs)
  const { fromMs, check } = since
  const minute = Math.floor(nowMs / MINUTE_MS)
  useEffect(() => {
    for (const each of points) void readPast(each, place.kind, since, serverNowMs.peek())
  }, [points.map(({ point }) => point.id).join(' '), fromMs, minute])
  useEffect(() => widenBy(points), [points.map(({ t }) => t).join(' ')])
  const extremes = extremesSince(points, place.kind, fromMs, nowMs)
  if (extremes === undefined) return <span />
  const { range, missing, hasGap } = extremes
  const label =
    check === undefined ? words.value.today : words.value.sinceCheck(printedRecently(check.at, zone, nowMs))
  const shown =
    range === undefined
      ? words.value.stateUnknown
      : words.value.todayRange(
          printedNumber(range.min, limits),
          printedTemperature(range.max, limits, language.value),
        )
  const parts = [
    range !== undefined && missing > 0 ? words.value.pointsMissing(missing) : '',
    range !== undefined && hasGap ? words.value.withGaps : '',
  ]
  return (
    <span class="today" data-since={check === undefined ? 'today' : 'check'}>
      {label} <span class="range">{shown}</span>
      {parts.filter((part) => part !== '').map((part) => ` · ${part}`)}
    </span>
  )
}

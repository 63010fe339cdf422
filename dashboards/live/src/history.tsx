import { useEffect, useState } from 'preact/hooks'
import type { Bucket, Finding, Place, Point } from './answers.ts'
import { placeFacts } from './catalogue.ts'
import { Chart, type Series } from './chart.tsx'
import { every } from './doors.ts'
import { language, nameOf, words } from './language.ts'
import { serverNowMs } from './live.ts'
import { printedTemperature } from './print.ts'
import { get } from './server.ts'
import { isJudged, maxGapMs } from './standing.ts'
import { newestByPoint } from './standings.ts'
import { sorted } from './sorted.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Twice a minute a chart of a day moves by a hair. */
const AGAIN_MS = 30_000
/** Findings shaded at most; more would be one red field. */
const FINDINGS_MAX = 200

/** Days shown, and how long a bucket of them is: no more of them than a screen has columns. */
const ranges = {
  day: { days: 1, stepMs: 2 * MINUTE_MS },
  week: { days: 7, stepMs: 15 * MINUTE_MS },
} as const

interface Read {
  readonly fromMs: number
  readonly toMs: number
  readonly series: readonly Series[]
  readonly findings: readonly Finding[]
}

/** The history of a place as a chart, with a choice of the period. */
export function History(props: {
  readonly place: Place
  readonly points: readonly Point[]
  readonly zone: string
}) {
  const { place, zone } = props
  // in an order of their own, so that a line keeps its ink while the worst point changes
  const points = sorted(props.points, (a, b) => (a.id < b.id ? -1 : 1))
  const [range, setRange] = useState<keyof typeof ranges>('day')
  const [read, setRead] = useState<Read | undefined>(undefined)
  const ids = points.map(({ id }) => id).join(' ')
  useEffect(() => {
    let isOver = false
    const look = async (): Promise<void> => {
      const found = await readHistory(place, points, range)
      if (!isOver && found !== undefined) setRead(found)
    }
    void look()
    const stop = every(AGAIN_MS, () => void look())
    return () => {
      isOver = true
      stop()
    }
  }, [place.id, ids, range, language.value])
  const limits = placeFacts.value.get(place.id)?.limits ?? []
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>{words.value.history}</h2>
        <div class="choice" role="group">
          <Choice name={words.value.range24h} isChosen={range === 'day'} choose={() => setRange('day')} />
          <Choice name={words.value.range7d} isChosen={range === 'week'} choose={() => setRange('week')} />
        </div>
      </div>
      {read === undefined ? (
        <p class="empty">{words.value.loading}</p>
      ) : (
        <Chart {...read} limits={limits} zone={zone} />
      )}
      <Summary read={read} limits={limits.map(({ limit }) => limit)} />
      <p class="hint">{words.value.chartHint}</p>
    </section>
  )
}

function Choice(props: { readonly name: string; readonly isChosen: boolean; readonly choose: () => void }) {
  return (
    <button type="button" aria-pressed={props.isChosen} onClick={props.choose}>
      {props.name}
    </button>
  )
}

function Summary({ read, limits }: { readonly read: Read | undefined; readonly limits: readonly number[] }) {
  if (read === undefined) return null
  const buckets = read.series.filter((each) => each.isJudged).flatMap((each) => each.buckets)
  if (buckets.length === 0) return <p>{words.value.chartEmpty}</p>
  const print = (celsius: number): string => printedTemperature(celsius, limits, language.value)
  const min = Math.min(...buckets.map((each) => each.min))
  const max = Math.max(...buckets.map((each) => each.max))
  return <p>{words.value.chartSummary(print(min), print(max))}</p>
}

async function readHistory(
  place: Place,
  points: readonly Point[],
  range: keyof typeof ranges,
): Promise<Read | undefined> {
  const { days, stepMs } = ranges[range]
  const toMs = serverNowMs.peek()
  const fromMs = toMs - days * DAY_MS
  const period = `from=${Math.floor(fromMs)}&to=${Math.ceil(toMs)}`
  const series = await Promise.all(
    points.map(async (point): Promise<Series | undefined> => {
      const answer = await get<{ items: readonly Bucket[] }>(
        `readings?point=${point.id}&${period}&step=${stepMs / MINUTE_MS}m`,
      )
      if ('refused' in answer) return undefined
      const seconds = newestByPoint.peek().get(point.id)?.expectedIntervalSeconds ?? 300
      const gapMs = Math.max(maxGapMs(seconds * 1_000, place.kind), stepMs * 2)
      return { name: nameOf(point), isJudged: isJudged(point), buckets: answer.value.items, gapMs, stepMs }
    }),
  )
  const findings = await get<{ items: readonly Finding[] }>(
    `findings?kind=excursion&place=${place.id}&${period}&limit=${FINDINGS_MAX}`,
  )
  if (series.includes(undefined)) return undefined
  return {
    fromMs,
    toMs,
    series: series.flatMap((each) => (each === undefined ? [] : [each])),
    findings: 'value' in findings ? findings.value.items : [],
  }
}

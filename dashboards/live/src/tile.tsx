import { Age } from './age.tsx'
import { lotCounts, placeFacts } from './catalogue.ts'
import { trendOf } from './extremes.ts'
import { Glyph } from './icons.tsx'
import { language, nameOf, words } from './language.ts'
import { MinMax } from './minmax.tsx'
import { printedNumber } from './print.ts'
import { placeAddress } from './route.ts'
import { isJudged, type PlaceStanding, type PointStanding } from './standing.ts'
import { StateMark } from './state-mark.tsx'

/** A place on the overview: its worst point. */
export function Tile({ standing, zone }: { readonly standing: PlaceStanding; readonly zone: string }) {
  const { place, state, worst } = standing
  const judged = standing.points.filter(({ point }) => isJudged(point))
  const limits = (placeFacts.value.get(place.id)?.limits ?? []).map(({ limit }) => limit)
  return (
    <a class={`tile tile-${state}`} href={placeAddress(place.id)} data-place={place.id} data-state={state}>
      <span class="tile-head">
        <span class="tile-name">{nameOf(place)}</span>
        <StateMark state={state} of={worst} />
      </span>
      <Value of={worst} limits={limits} />
      {worst === undefined ? <span class="age">{words.value.noPoint}</span> : <Age of={worst} />}
      <span class="tile-foot">
        <MinMax place={place} points={judged} zone={zone} limits={limits} />
        <Lots place={place.id} />
      </span>
    </a>
  )
}

/** A value with its unit, crossed out when it is too old, and its trend. */
export function Value(props: { readonly of: PointStanding | undefined; readonly limits: readonly number[] }) {
  const temperature = props.of?.temperature
  const isOld = props.of?.state === 'unknown'
  return (
    <span class={isOld ? 'value old' : 'value'}>
      <span class="number">
        {temperature === undefined ? '--.-' : printedNumber(temperature, props.limits)}
      </span>
      <span class="unit">{language.value === 'zh' ? '℃' : '°C'}</span>
      {props.of === undefined || isOld ? null : <Trend point={props.of.point.id} />}
    </span>
  )
}

function Trend({ point }: { readonly point: string }) {
  const trend = trendOf(point)
  if (trend === undefined) return null
  const text = { up: words.value.trendUp, down: words.value.trendDown, flat: words.value.trendFlat }[trend]
  return (
    <span class={`trend trend-${trend}`} title={text}>
      <Glyph of={trend} />
      <span class="unseen">{text}</span>
    </span>
  )
}

function Lots({ place }: { readonly place: string }) {
  const count = lotCounts.value.get(place) ?? 0
  if (count === 0) return null
  return (
    <span class="lots">
      <Glyph of="box" />
      {words.value.lotsInside(count)}
    </span>
  )
}

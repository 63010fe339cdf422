import { useEffect } from 'preact/hooks'
import { Age } from './age.tsx'
import { CheckList } from './check-list.tsx'
import { catalogue, placeFacts, zoneOf } from './catalogue.ts'
import { demonstration } from './demonstration.ts'
import { History } from './history.tsx'
import { Glyph } from './icons.tsx'
import { IncidentCard } from './incident-card.tsx'
import { openIncidents, pastIncidents, readIncidentsOf } from './incidents.ts'
import { nameOf, words } from './language.ts'
import { LotsInside } from './lots-inside.tsx'
import { ReportForm } from './report-form.tsx'
import { MinMax } from './minmax.tsx'
import { PlaceCheck } from './place-check.tsx'
import { isJudged, type PlaceStanding, type PointStanding } from './standing.ts'
import { placeStandings } from './standings.ts'
import { StateMark } from './state-mark.tsx'
import { Value } from './tile.tsx'

/** A place: its points, its history, what lies inside, its incidents, and its report. */
export function PlacePage({ id }: { readonly id: string }) {
  useEffect(() => void readIncidentsOf(id), [id])
  const standing = placeStandings.value.get(id)
  if (standing === undefined) return <p class="empty">{words.value.noSuchPlace}</p>
  const incidents = [...openIncidents.value, ...pastIncidents.value].filter((each) => each.place === id)
  const past = incidents.filter(({ state }) => state === 'resolved')
  const zone = zoneOf(id)
  return (
    <div class="column wide">
      <p class="back">
        <a href="#/">
          <Glyph of="back" />
          {words.value.back}
        </a>
      </p>
      <PlaceHead standing={standing} />
      <PlaceCheck place={id} zone={zone} />
      {incidents
        .filter(({ state }) => state !== 'resolved')
        .map((each) => (
          <IncidentCard key={each.id} incident={each} />
        ))}
      <Points standing={standing} zone={zone} />
      <History place={standing.place} points={standing.points.map(({ point }) => point)} zone={zone} />
      <LotsInside place={id} />
      <CheckList place={id} zone={zone} />
      <section class="panel">
        <h2>{words.value.incidentsHere}</h2>
        {past.length === 0 ? <p class="empty">{words.value.noPastIncidents}</p> : null}
        {past.map((each) => (
          <IncidentCard key={each.id} incident={each} />
        ))}
      </section>
      <ReportForm place={id} zone={zone} />
    </div>
  )
}

function PlaceHead({ standing }: { readonly standing: PlaceStanding }) {
  const { place, state, worst } = standing
  const site = catalogue.value?.sites.get(place.site)
  return (
    <div class="place-head">
      <div>
        <h1>
          {nameOf(place)}
          {site?.demo === true && demonstration === undefined ? (
            <span class="demo small">{words.value.demo}</span>
          ) : null}
        </h1>
        <p class="intro">
          {site === undefined ? '' : `${nameOf(site)} · `}
          {words.value.kinds[place.kind] ?? words.value.otherKind}
        </p>
        {state === 'unjudged' ? <p class="hint">{words.value.unjudgedMeaning}</p> : null}
        {state === 'idle' ? <p class="hint">{words.value.idleMeaning}</p> : null}
      </div>
      <StateMark state={state} of={worst} />
    </div>
  )
}

function Points({ standing, zone }: { readonly standing: PlaceStanding; readonly zone: string }) {
  const limits = (placeFacts.value.get(standing.place.id)?.limits ?? []).map(({ limit }) => limit)
  return (
    <section>
      <h2>{words.value.points}</h2>
      <div class="tiles">
        {standing.points.map((each) => (
          <PointTile key={each.point.id} place={standing.place} standing={each} limits={limits} zone={zone} />
        ))}
      </div>
    </section>
  )
}

function PointTile(props: {
  readonly place: PlaceStanding['place']
  readonly standing: PointStanding
  readonly limits: readonly number[]
  readonly zone: string
}) {
  const { place, standing, limits, zone } = props
  const { point, state } = standing
  const judged = isJudged(point)
  const role = words.value.roles[point.role]
  return (
    <div class={`tile tile-${judged ? state : 'unjudged'}`} data-point={point.id}>
      <span class="tile-head">
        <span class="tile-name">
          {nameOf(point)} <small>{judged ? role : `${role}, ${words.value.notJudged}`}</small>
        </span>
        {judged ? <StateMark state={state} of={standing} /> : null}
      </span>
      <Value of={standing} limits={limits} />
      <Age of={standing} />
      <span class="tile-foot">
        <MinMax place={place} points={[standing]} zone={zone} limits={limits} />
      </span>
    </div>
  )
}

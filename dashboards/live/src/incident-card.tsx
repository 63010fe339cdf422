import { catalogue, placeFacts, zoneOf } from './catalogue.ts'
import { IncidentActs } from './incident-acts.tsx'
import { StateGlyph } from './icons.tsx'
import type { Cause, Incident } from './answers.ts'
import { peakOf, stories } from './incidents.ts'
import { language, nameOf, words } from './language.ts'
import { takenText } from './people.ts'
import { printedTemperature, printedTime } from './print.ts'
import { incidentAddress } from './route.ts'
import { placeStandings } from './standings.ts'
import { sorted } from './sorted.ts'
import type { State } from './standing.ts'

/** An incident in a list: where, which way, since when, how far, who was called, and what can be done. */
export function IncidentCard({ incident }: { readonly incident: Incident }) {
  const { id, place, state, grade, open } = incident
  const known = catalogue.value?.places.get(place)
  const site = catalogue.value?.sites.get(known?.site ?? '')
  return (
    <article
      class={`incident incident-${grade} incident-${state} incident-${open ? 'goes-on' : 'over'}`}
      data-incident={id}
    >
      <div class="incident-head">
        <IncidentMark incident={incident} />
        <h3>
          <a href={incidentAddress(id)}>
            {known === undefined ? place : nameOf(known)}
            {site === undefined ? null : <small>{nameOf(site)}</small>}
          </a>
        </h3>
        <span class="incident-state">
          {stateText(incident)}
          {open || state === 'resolved' ? '' : ` · ${overText(incident)}`}
          {incident.seenLate ? ` · ${words.value.seenLate}` : ''}
        </span>
      </div>
      <IncidentFacts incident={incident} />
      <IncidentActs incident={incident} />
    </article>
  )
}

function stateText({ state }: Incident): string {
  if (state === 'raised') return words.value.incidentRaised
  return state === 'acknowledged' ? words.value.incidentAcknowledged : words.value.incidentResolved
}

function overText({ cause }: Incident): string {
  return cause === 'warm' || cause === 'cold' ? words.value.backInRange : words.value.backToNormal
}

/** Grade and cause by word, glyph and hue. */
export function IncidentMark({ incident }: { readonly incident: Incident }) {
  const { grade, cause, place, open } = incident
  const freezes = open && placeStandings.value.get(place)?.state === 'freeze' && cause === 'cold'
  const state = freezes ? 'freeze' : shownAs[cause]
  const way = freezes ? words.value.stateFreeze : words.value.causes[cause]
  return (
    <span class={`mark mark-${state} grade-${grade}`}>
      <StateGlyph state={state} />
      <span>
        {grade === 'alarm' ? words.value.gradeAlarm : words.value.gradeWarning} · {way}
      </span>
    </span>
  )
}

/** The glyph and hue of a cause: what no temperature tells is unknown, or near to it. */
const shownAs = {
  warm: 'warm',
  cold: 'cold',
  silence: 'unknown',
  door: 'near',
  power: 'near',
  battery: 'near',
  cadence: 'unknown',
} as const satisfies Readonly<Record<Cause, State>>

function IncidentFacts({ incident }: { readonly incident: Incident }) {
  const { id, place, raisedAt } = incident
  const story = stories.value.get(id)
  const zone = zoneOf(place)
  const peak = peakOf(incident)
  const taken = takenText(incident, zone)
  const limits = (placeFacts.value.get(place)?.limits ?? []).map(({ limit }) => limit)
  const worst = placeStandings.value.get(place)?.worst
  const now = worst?.isFaulty === true ? undefined : worst?.temperature
  return (
    <dl class="incident-facts">
      {incident.cause === 'warm' || incident.cause === 'cold' ? (
        <div class="fact-value">
          <dt>{words.value.peak}</dt>
          <dd>{peak === undefined ? '--' : printedTemperature(peak, limits, language.value)}</dd>
        </div>
      ) : null}
      {incident.open && now !== undefined ? (
        <div class="fact-value">
          <dt>{words.value.valueNow}</dt>
          <dd>{printedTemperature(now, limits, language.value)}</dd>
        </div>
      ) : null}
      <div>
        <dt>{words.value.since}</dt>
        <dd>{printedTime(story?.since ?? raisedAt, zone)}</dd>
      </div>
      <div>
        <dt>{words.value.called}</dt>
        <dd>{calledText(id)}</dd>
      </div>
      {taken === undefined ? null : (
        <div>
          <dt>{words.value.taken}</dt>
          <dd>{taken}</dd>
        </div>
      )}
    </dl>
  )
}

/** Who was called, each with the fate of the newest message to them. */
function calledText(id: string): string {
  const newest = new Map<string, string>()
  const messages = stories.value.get(id)?.messages ?? []
  for (const { recipientName, state } of sorted(messages, (a, b) => (a.createdAt < b.createdAt ? -1 : 1)))
    newest.set(recipientName, words.value.messageStates[state])
  if (newest.size === 0) return words.value.nobodyCalled
  return [...newest].map(([name, state]) => `${name} (${state})`).join(', ')
}

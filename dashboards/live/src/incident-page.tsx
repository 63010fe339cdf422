import { useEffect, useState } from 'preact/hooks'
import type { IncidentStory } from './answers.ts'
import { catalogue, zoneOf } from './catalogue.ts'
import { FindingsWhy } from './finding-why.tsx'
import { Glyph } from './icons.tsx'
import { IncidentCard } from './incident-card.tsx'
import { readStory, stories } from './incidents.ts'
import { words } from './language.ts'
import { board } from './live.ts'
import { LotsInside } from './lots-inside.tsx'
import { MessageItem } from './messages.tsx'
import { claimText, personName, resolvedText } from './people.ts'
import { printedTime } from './print.ts'
import { placeAddress } from './route.ts'
import { sorted } from './sorted.ts'

/** One incident: its card, its course, its messages, and what lies in the place. */
export function IncidentPage({ id }: { readonly id: string }) {
  const [isThere, setThere] = useState(true)
  useEffect(() => void readStory(id).then(setThere), [id])
  const story = stories.value.get(id)
  if (story === undefined) {
    return <p class="empty">{isThere ? words.value.loading : words.value.noSuchIncident}</p>
  }
  const incident = board.value?.incidents.get(id) ?? story
  const place = catalogue.value?.places.get(story.place)
  return (
    <div class="column">
      <p class="back">
        <a href="#/incidents">
          <Glyph of="back" />
          {words.value.incidents}
        </a>
      </p>
      <h1>
        {words.value.incident} <small>{id}</small>
      </h1>
      <IncidentCard incident={incident} />
      <FindingsWhy story={story} />
      <Course story={story} />
      <section class="panel">
        <h2>{words.value.phone}</h2>
        {story.messages.length === 0 ? <p class="empty">{words.value.nobodyCalled}</p> : null}
        {sorted(story.messages, (a, b) => (a.createdAt < b.createdAt ? 1 : -1)).map((message) => (
          <MessageItem key={message.id} message={message} zone={zoneOf(story.place)} />
        ))}
      </section>
      {place === undefined ? null : (
        <>
          <LotsInside place={place.id} />
          <p class="to-place">
            <a class="second" href={placeAddress(place.id)}>
              {words.value.toPlace}
            </a>
          </p>
        </>
      )}
    </div>
  )
}

function Course({ story }: { readonly story: IncidentStory }) {
  const zone = zoneOf(story.place)
  const resolved = resolvedText(story, zone)
  return (
    <section class="panel">
      <h2>{words.value.course}</h2>
      {story.suspected ? <p>{words.value.suspected}</p> : null}
      <ol class="course">
        {story.acts.map((act) => (
          <li key={`${act.at} ${act.kind} ${act.actor}`}>
            <time>{printedTime(act.at, zone)}</time>
            <span>
              <strong>{words.value.acts[act.kind] ?? act.kind}</strong> {personName(act.actor)}
              {act.claimedAt === null ? null : <em>{claimText(act.claimedAt, act.at, zone)}</em>}
              {act.reason === '' || act.actor.startsWith('system:') ? null : <em>{act.reason}</em>}
            </span>
          </li>
        ))}
      </ol>
      {resolved === undefined || story.resolution === null ? null : (
        <p class="intro">
          {resolved} · {words.value.resolutions[story.resolution]}
        </p>
      )}
    </section>
  )
}

import { IncidentCard } from './incident-card.tsx'
import type { Incident } from './answers.ts'
import { catalogue } from './catalogue.ts'
import { notices, openIncidents } from './incidents.ts'
import { nameOf, words } from './language.ts'

/**
 * Above everything else: the incidents that go on and nobody has taken, and those somebody else took just before.
 * Of those that are over and still wait for somebody, only how many.
 */
export function CallingStrip() {
  const calling = openIncidents.value.filter(
    ({ id, state, open }) => (state === 'raised' && open) || notices.value.has(id),
  )
  const over = openIncidents.value.filter(({ state, open }) => state === 'raised' && !open).length
  return (
    <>
      {calling.length === 0 ? null : (
        <section class="calling">
          <p class="unseen" role="alert">
            {calling.map(calledOut).join('; ')}
          </p>
          {calling.map((each) => (
            <IncidentCard key={each.id} incident={each} />
          ))}
        </section>
      )}
      {over === 0 ? null : (
        <p class="over">
          <a href="#/incidents">{words.value.overNotTaken(over)}</a>
        </p>
      )}
    </>
  )
}

/** For those who listen to the page: once per incident, not with every value. */
function calledOut({ place, grade, cause }: Incident): string {
  const known = catalogue.value?.places.get(place)
  const which = grade === 'alarm' ? words.value.gradeAlarm : words.value.gradeWarning
  return `${which}: ${known === undefined ? place : nameOf(known)}, ${words.value.causes[cause]}`
}

import { useEffect } from 'preact/hooks'
import { IncidentCard } from './incident-card.tsx'
import { openIncidents, pastIncidents, readNewest } from './incidents.ts'
import { words } from './language.ts'

/** All incidents: those nobody has taken first, then the others, then what is over. */
export function IncidentList() {
  useEffect(() => void readNewest(), [])
  const open = openIncidents.value
  const past = pastIncidents.value
  return (
    <div class="column">
      <h1>{words.value.incidents}</h1>
      <h2>{words.value.openIncidents}</h2>
      {open.length === 0 ? <p class="empty">{words.value.noOpenIncidents}</p> : null}
      {open.map((each) => (
        <IncidentCard key={each.id} incident={each} />
      ))}
      <h2>{words.value.pastIncidents}</h2>
      {past.length === 0 ? <p class="empty">{words.value.noPastIncidents}</p> : null}
      {past.map((each) => (
        <IncidentCard key={each.id} incident={each} />
      ))}
    </div>
  )
}

import { IncidentCard } from './incident-card.tsx'
import { notices, openIncidents } from './incidents.ts'

/** The incidents nobody has taken yet, above everything else; and those that somebody else took just before. */
export function CallingStrip() {
  const raised = openIncidents.value.filter(({ id, state }) => state === 'raised' || notices.value.has(id))
  if (raised.length === 0) return null
  return (
    <section class="calling" aria-live="assertive">
      {raised.map((each) => (
        <IncidentCard key={each.id} incident={each} />
      ))}
    </section>
  )
}

import type { Cause, IncidentFact, RecipientFact } from '../../domain/index.ts'
import { heldAt } from './shelf.ts'
import { PlacesMemory, type PlacesView } from './view-places.ts'

/** What people are called for, and who is called. */
export interface IncidentsView extends PlacesView {
  /** The incident in whatever state. */
  incident(id: string): IncidentFact | undefined
  /** The one that is not resolved, of a place and cause. */
  unresolvedIncident(place: string, cause: Cause): IncidentFact | undefined
  /** All that are not resolved, in no particular order. */
  unresolvedIncidents(): readonly IncidentFact[]
  /** In whatever state. */
  recipient(id: string): RecipientFact | undefined
  /** Those who are called for the place itself. */
  recipientsOf(place: string): readonly RecipientFact[]
}

/** The part of the view that knows incidents; the other part fills the shelves. */
export class IncidentsMemory extends PlacesMemory implements IncidentsView {
  incident(id: string): IncidentFact | undefined {
    return this.shelves.incident.of('id', id).at(-1)
  }

  unresolvedIncident(place: string, cause: Cause): IncidentFact | undefined {
    return this.shelves.incident.of('unresolved', place).find((row) => row.cause === cause)
  }

  unresolvedIncidents(): readonly IncidentFact[] {
    const { incident } = this.shelves
    return [...incident.keys('unresolved')].flatMap((place) => incident.of('unresolved', place))
  }

  recipient(id: string): RecipientFact | undefined {
    return heldAt(this.shelves.recipient.of('id', id))
  }

  recipientsOf(place: string): readonly RecipientFact[] {
    return this.shelves.recipient
      .of('place', place)
      .filter(({ state, validTo }) => state === 'active' && validTo === null)
  }
}

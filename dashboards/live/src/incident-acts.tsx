import { useState } from 'preact/hooks'
import type { Incident } from './answers.ts'
import { mayAt, zoneOf } from './catalogue.ts'
import { field } from './field.ts'
import { Glyph } from './icons.tsx'
import { actOn, notices, stories } from './incidents.ts'
import type { Refused } from './server.ts'
import { words } from './language.ts'
import { personName } from './people.ts'
import { printedClock, printedTime } from './print.ts'
import { mutedUntil, muteHere, soundsAgain } from './sound.ts'

const REASON_CHARACTERS_MAX = 500

/** What the signed-in person can do about an incident; nothing for whoever may only look. */
export function IncidentActs({ incident }: { readonly incident: Incident }) {
  const [isBusy, setBusy] = useState(false)
  if (incident.state === 'resolved' || !mayAt('incidents:write', incident.place)) {
    return <Told incident={incident} />
  }
  const act = async (verb: 'acknowledge' | 'resolve' | 'mute', reason: string): Promise<void> => {
    setBusy(true)
    await actOn(incident.id, verb, reason)
    setBusy(false)
  }
  const canAcknowledge = incident.state === 'raised'
  const needsReason = !canAcknowledge
  const submit = (event: Event): void => {
    event.preventDefault()
    const reason = field(event.currentTarget as HTMLFormElement, 'reason').trim()
    void act(canAcknowledge ? 'acknowledge' : 'resolve', reason)
  }
  return (
    <div class="acts">
      {canAcknowledge || !incident.open ? (
        <form onSubmit={submit}>
          <input
            name="reason"
            maxLength={REASON_CHARACTERS_MAX}
            required={needsReason}
            aria-label={needsReason ? words.value.resolveReason : words.value.acknowledgeReason}
            placeholder={needsReason ? words.value.resolveReason : words.value.acknowledgeReason}
          />
          <button type="submit" class="act" disabled={isBusy}>
            {canAcknowledge ? words.value.acknowledge : words.value.resolve}
          </button>
        </form>
      ) : null}
      <MuteButton
        incident={incident}
        onMute={() => {
          muteHere(incident)
          void act('mute', '')
        }}
      />
      <Told incident={incident} />
    </div>
  )
}

function MuteButton({ incident, onMute }: { readonly incident: Incident; readonly onMute: () => void }) {
  if (incident.state !== 'raised' || !incident.open) return null
  const until = mutedUntil(incident)
  if (until !== undefined) return <span class="muted">{words.value.mutedUntil(printedClock(until))}</span>
  return (
    <>
      <button type="button" class="second" title={words.value.muteMeaning} onClick={onMute}>
        <Glyph of="silent" />
        {words.value.mute}
      </button>
      {soundsAgain(incident) ? <span class="muted">{words.value.soundsAgain}</span> : null}
    </>
  )
}

function Told({ incident }: { readonly incident: Incident }) {
  const acted = notices.value.get(incident.id)
  if (acted === undefined) return null
  return (
    <p class={acted === 'taken' ? 'told kind' : 'told'} role="alert">
      {acted === 'taken' ? takenByAnother(incident) : refusal(acted)}
    </p>
  )
}

function refusal({ status, detail }: Refused): string {
  if (status === 403) return words.value.notAllowed
  return status === 0 ? words.value.unreachable : words.value.failed(detail)
}

function takenByAnother({ id, place }: Incident): string {
  const { acknowledgedBy, acknowledgedAt } = stories.value.get(id) ?? {}
  if (typeof acknowledgedBy !== 'string' || typeof acknowledgedAt !== 'string')
    return words.value.incidentAcknowledged
  return words.value.conflictTaken(personName(acknowledgedBy), printedTime(acknowledgedAt, zoneOf(place)))
}

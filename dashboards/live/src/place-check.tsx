import { useEffect, useState } from 'preact/hooks'
import type { Check } from './answers.ts'
import { mayAt } from './catalogue.ts'
import { field } from './field.ts'
import { readName } from './incidents.ts'
import { words } from './language.ts'
import { board, serverNowMs } from './live.ts'
import { claimText, personName } from './people.ts'
import { printedRecently } from './print.ts'
import { post, type Refused } from './server.ts'

const NOTE_CHARACTERS_MAX = 500

/** Who looked at a place last, and for whoever may: the button by which one says that one has. */
export function PlaceCheck({ place, zone }: { readonly place: string; readonly zone: string }) {
  const [isBusy, setBusy] = useState(false)
  const [refused, setRefused] = useState<Refused | undefined>(undefined)
  const check = board.value?.checks.get(place)
  useEffect(() => void readName(check?.recordedBy ?? null), [check?.recordedBy])
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const note = field(form, 'note').trim()
    setBusy(true)
    const answer = await post(`places/${place}/check`, note === '' ? {} : { note })
    setBusy(false)
    setRefused('refused' in answer ? answer.refused : undefined)
    if ('value' in answer) form.reset()
  }
  return (
    <div class="acts place-check">
      <p class="last-check">{lastCheckText(check, zone)}</p>
      {mayAt('checks:write', place) ? (
        <form onSubmit={(event) => void submit(event)}>
          <input
            name="note"
            maxLength={NOTE_CHARACTERS_MAX}
            aria-label={words.value.checkNote}
            placeholder={words.value.checkNote}
          />
          <button type="submit" class="act" disabled={isBusy} title={words.value.checkMeaning}>
            {words.value.check}
          </button>
        </form>
      ) : null}
      {refused === undefined ? null : (
        <p class="told" role="alert">
          {refused.status === 0 ? words.value.unreachable : words.value.failed(refused.detail)}
        </p>
      )}
    </div>
  )
}

function lastCheckText(check: Check | undefined, zone: string): string {
  if (check === undefined) return words.value.neverChecked
  const { at, claimedAt, recordedAt, recordedBy, note } = check
  const name = personName(recordedBy)
  if (claimedAt !== null) {
    return words.value.lastCheckClaimed(name, claimText(claimedAt, recordedAt, zone))
  }
  const told = words.value.lastCheck(printedRecently(at, zone, serverNowMs.value), name)
  return note === '' ? told : `${told} · ${note}`
}

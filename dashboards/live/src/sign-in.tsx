import { useState } from 'preact/hooks'
import { demonstration } from './demonstration.ts'
import { field } from './field.ts'
import { switchLanguage, words } from './language.ts'
import type { Refused } from './server.ts'
import { hasEnded, signIn } from './session.ts'
import { allowSound } from './sound.ts'

/** The form everybody begins with. */
export function SignIn() {
  const [refused, setRefused] = useState<Refused | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    allowSound()
    setBusy(true)
    setRefused(await signIn(field(form, 'username'), field(form, 'password')))
    setBusy(false)
  }
  const ended = hasEnded.value ? words.value.sessionEnded : undefined
  const told = refused === undefined ? ended : reasonFor(refused)
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <img src={iconAddress} alt="" width="56" height="56" />
        <h1>
          Isotherm
          {demonstration === undefined ? null : <span class="demo">{words.value.demo}</span>}
        </h1>
        <p class="intro">{words.value.signInIntro}</p>
        {demonstration === undefined ? null : (
          <p class="demo-hint">{words.value.demoSignIn(demonstration.name, demonstration.password)}</p>
        )}
        <Credentials />
        <div role="alert">{told === undefined ? null : <p class="refused">{told}</p>}</div>
        <button type="submit" class="act" disabled={isBusy}>
          {words.value.signIn}
        </button>
      </form>
      <button type="button" class="plain" onClick={switchLanguage}>
        {words.value.otherLanguage}
      </button>
    </main>
  )
}

/** In the demonstration they are filled in: they are no secret there. */
function Credentials() {
  return (
    <>
      <label>
        {words.value.userName}
        <input
          name="username"
          autocomplete="username"
          required
          maxLength={64}
          autofocus
          defaultValue={demonstration?.name ?? ''}
        />
      </label>
      <label>
        {words.value.password}
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          maxLength={200}
          defaultValue={demonstration?.password ?? ''}
        />
      </label>
    </>
  )
}

const iconAddress = new URL('./icon.svg', import.meta.url).href

function reasonFor({ code, detail, remedy }: Refused): string {
  if (code === 'bad-credentials') return words.value.signInFailed
  if (code === 'too-many-requests') return words.value.tooManyAttempts
  if (code === 'unreachable' || code === 'core-unavailable') return words.value.unreachable
  return words.value.failed(`${detail} ${remedy}`)
}

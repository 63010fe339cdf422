import { signal } from '@preact/signals'
import type { Me } from './answers.ts'
import { get, post, type Refused, whenSignedOut } from './server.ts'

/** Who is signed in: undefined while that is not known yet, null when nobody is. */
export const me = signal<Me | null | undefined>(undefined)
/** True after a sign-out that the server did not take. */
export const isStillSignedIn = signal(false)
/** True when a session ended without being asked to. */
export const hasEnded = signal(false)

whenSignedOut(() => {
  if (me.value !== null && me.value !== undefined) hasEnded.value = true
  me.value = null
})

/** Finds out who is signed in; answers false when the server cannot say. */
export async function lookWhoIsSignedIn(): Promise<boolean> {
  const answer = await get<Me>('me')
  if ('value' in answer) {
    me.value = answer.value
    return true
  }
  return answer.refused.status === 401
}

/** Signs in; answers why not. */
export async function signIn(username: string, password: string): Promise<Refused | undefined> {
  const answer = await post<Me>('login', { username, password })
  if ('refused' in answer) return answer.refused
  hasEnded.value = false
  me.value = answer.value
  return undefined
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  const answer = await post('logout')
  // whoever is not signed in any more is signed out
  const isOut = 'value' in answer || answer.refused.status === 401
  isStillSignedIn.value = !isOut
  if (!isOut) return
  me.value = null
  hasEnded.value = false
}

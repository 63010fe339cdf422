import { request } from './doors.ts'

/** Why the server did not do it; `unreachable` when it did not answer at all. */
export interface Refused {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly remedy: string
}

/** What the server gave, or why not. */
export type Answer<T> = { readonly value: T } | { readonly refused: Refused }

/** Lists are read to their end, but not for ever: a page of 1,000 items each. */
const PAGES_MAX = 20
/** Requests under way at once besides the live stream: browsers allow six to one server. */
const AT_ONCE_MAX = 4

let onSignedOut: () => void = () => undefined
/** What is done when the server says that nobody is signed in any more. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act
}

/** GET below /api/v1/, as JSON. What this page's own server answers is taken to have the shape it documents. */
export function get<T>(path: string): Promise<Answer<T>> {
  return call<T>(path, { method: 'GET' })
}

/** POST below /api/v1/, as JSON. */
export function post<T>(path: string, body?: object): Promise<Answer<T>> {
  if (body === undefined) return call<T>(path, { method: 'POST' })
  return call<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function call<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  const answer = await respond(path, init)
  if ('refused' in answer) return answer
  const { value } = answer
  return { value: (value.status === 204 ? undefined : await value.json()) as T }
}

/** GET a file below /api/v1/. */
export async function getFile(path: string): Promise<Answer<Blob>> {
  const answer = await respond(path, { method: 'GET' })
  return 'refused' in answer ? answer : { value: await answer.value.blob() }
}

let underWay = 0
const waiting: (() => void)[] = []

async function respond(path: string, init: RequestInit): Promise<Answer<Response>> {
  if (underWay >= AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve))
  underWay += 1
  try {
    const response = await request(`/api/v1/${path}`, init)
    if (response.ok) return { value: response }
    const refused = await refusalOf(response)
    if (refused.code === 'not-signed-in') onSignedOut()
    return { refused }
  } catch (thrown) {
    return { refused: { status: 0, code: 'unreachable', detail: String(thrown), remedy: '' } }
  } finally {
    underWay -= 1
    waiting.shift()?.()
  }
}

async function refusalOf(response: Response): Promise<Refused> {
  const unknown = { status: response.status, code: 'unreachable', detail: response.statusText, remedy: '' }
  try {
    const problem = (await response.json()) as Partial<Refused>
    return { ...unknown, ...problem, status: response.status }
  } catch {
    // A proxy answered in the server's place; its status is all there is to say.
    return unknown
  }
}

/** All items of a list, or those `only` (`name=value`) asks for; none where the list may not be read. */
export async function all<T>(path: string, only = ''): Promise<Answer<readonly T[]>> {
  const items: T[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const next: string = after === null ? '' : `&after=${encodeURIComponent(after)}`
    const answer: Answer<{ items: T[]; next: string | null }> = await get(
      `${path}?limit=1000${only === '' ? '' : `&${only}`}${next}`,
    )
    if ('refused' in answer) return answer.refused.status === 403 ? { value: items } : answer
    items.push(...answer.value.items)
    after = answer.value.next
    if (after === null) break
  }
  return { value: items }
}

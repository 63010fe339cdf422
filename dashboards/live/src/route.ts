import { signal } from '@preact/signals'

/** Where the page is: what stands after # in the address. */
export interface Route {
  readonly page: 'overview' | 'incidents' | 'incident' | 'messages' | 'place'
  readonly id: string
}

/** The present one. */
export const route = signal<Route>(routeOf(location.hash))

addEventListener('hashchange', () => {
  route.value = routeOf(location.hash)
  // whoever goes by keyboard, or listens, goes on at the new content
  document.getElementById('main')?.focus()
  scrollTo(0, 0)
})

function routeOf(hash: string): Route {
  const [, name = '', id = ''] = hash.split('/')
  if ((name === 'place' || name === 'incident') && id !== '')
    return { page: name, id: decodeURIComponent(id) }
  return { page: name === 'incidents' || name === 'messages' ? name : 'overview', id: '' }
}

/** The address of a place. */
export function placeAddress(id: string): string {
  return `#/place/${encodeURIComponent(id)}`
}

/** The address of an incident. */
export function incidentAddress(id: string): string {
  return `#/incident/${encodeURIComponent(id)}`
}

import { computed, signal } from '@preact/signals'
import type { Incident, IncidentStory } from './answers.ts'
import { after, every } from './doors.ts'
import { board, serverNowMs } from './live.ts'
import { get, post, type Refused } from './server.ts'
import { sorted } from './sorted.ts'

/** Changes of one incident come in bursts: an incident is read once after them. */
const SETTLE_MS = 400
/** Past incidents shown, and those whose messages are shown. */
const PAST_MAX = 30

/** How often messages that wait are looked at, and every how many times those whose receipt may come. */
const FATE_MS = 2_000
const RECEIPT_TURNS = 8
/** Gateways that send receipts have sent them by then. */
const RECEIPT_MS_MAX = 3_600_000
/** Incidents looked at each time at most, the newest: this must stay cheap for the server. */
const FATES_MAX = 10

/** Incidents as read last, with their messages, by id. */
export const stories = signal<ReadonlyMap<string, IncidentStory>>(new Map())
/** Names of people by what acts call them (`user:<id>`). */
export const people = signal<ReadonlyMap<string, string>>(new Map())

/** What acts on this screen did not achieve, by incident, for as long as somebody needs to read it. */
export const notices = signal<ReadonlyMap<string, Exclude<Acted, 'done'>>>(new Map())
const NOTICE_MS = 12_000

const waiting = new Set<string>()
const asked = new Set<string>()

/** Reads an incident soon; many calls at once read it once. */
export function readStorySoon({ id }: Pick<Incident, 'id'>): void {
  if (waiting.has(id)) return
  waiting.add(id)
  after(SETTLE_MS, () => {
    waiting.delete(id)
    void readStory(id)
  })
}

/** Reads an incident; answers false when it is not there or out of reach. */
export async function readStory(id: string): Promise<boolean> {
  const answer = await get<IncidentStory>(`incidents/${id}`)
  if ('refused' in answer) return answer.refused.status !== 404
  stories.value = new Map(stories.value).set(id, answer.value)
  for (const actor of [answer.value.acknowledgedBy, answer.value.resolvedBy, ...actorsOf(answer.value)])
    void readName(actor)
  return true
}

function actorsOf({ acts }: IncidentStory): readonly string[] {
  return acts.map(({ actor }) => actor)
}

/** Reads what the actor of an act is called, unless it was asked before. */
export async function readName(actor: string | null): Promise<void> {
  if (actor === null || !/^(?:user|key):/.test(actor) || asked.has(actor)) return
  asked.add(actor)
  const answer = await get<{ name: string }>(`actors/${actor}`)
  if ('value' in answer) people.value = new Map(people.value).set(actor, answer.value.name)
  else asked.delete(actor)
}

/**
 * What becomes of messages is no event of the stream: incidents with messages that wait are read again every other
 * second, those whose receipts may come for an hour, less often. Until the answered function is called.
 */
export function followFates(): () => void {
  let count = 0
  return every(FATE_MS, () => {
    count += 1
    const isReceiptTurn = count % RECEIPT_TURNS === 0
    const open = [...stories.value.values()].filter(({ messages }) =>
      messages.some(
        ({ state, createdAt }) =>
          state === 'waiting' ||
          (isReceiptTurn && state === 'sent' && serverNowMs.peek() - Date.parse(createdAt) < RECEIPT_MS_MAX),
      ),
    )
    for (const { id } of newestFirst(open).slice(0, FATES_MAX)) void readStory(id)
  })
}

function newestFirst<T extends Pick<Incident, 'raisedAt'>>(incidents: Iterable<T>): readonly T[] {
  return sorted(incidents, (a, b) => (a.raisedAt < b.raisedAt ? 1 : -1))
}

/** Reads the newest incidents, over or not. */
export async function readNewest(): Promise<void> {
  const answer = await get<{ items: readonly Incident[] }>(`incidents?limit=${PAST_MAX}`)
  if ('refused' in answer) return
  await Promise.all(answer.value.items.map(({ id }) => readStory(id)))
}

/** Reads the incidents of a place. */
export async function readIncidentsOf(place: string): Promise<void> {
  const answer = await get<{ items: readonly Incident[] }>(`incidents?place=${place}&limit=${PAST_MAX}`)
  if ('refused' in answer) return
  await Promise.all(answer.value.items.map(({ id }) => readStory(id)))
}

/** Incidents that are not resolved, those nobody has taken first, then the newest. */
export const openIncidents = computed((): readonly Incident[] => {
  return sorted(board.value?.incidents.values() ?? [], byUrgency)
})

/** Incidents known to be resolved, the newest first. */
export const pastIncidents = computed((): readonly IncidentStory[] => {
  const past = [...stories.value.values()].filter(
    ({ id, state }) => state === 'resolved' && board.value?.incidents.has(id) !== true,
  )
  return newestFirst(past).slice(0, PAST_MAX)
})

function byUrgency(a: Incident, b: Incident): number {
  const urgency = ({ state, open, grade }: Incident): number =>
    (state === 'raised' ? 0 : 4) + (open ? 0 : 2) + (grade === 'alarm' ? 0 : 1)
  return urgency(a) - urgency(b) || (a.raisedAt < b.raisedAt ? 1 : -1)
}

/** The furthest value of an incident so far, degC: what the live stream tells, or what was read. */
export function peakOf({ id, place, cause }: Incident): number | undefined {
  const peaks = [...(board.value?.findings.values() ?? [])]
    .filter((each) => each.place === place && each.direction === cause)
    .flatMap(({ peak }) => peak ?? [])
  const read = stories.value.get(id)?.peak ?? null
  const known = read === null ? peaks : [...peaks, read]
  if (known.length === 0) return undefined
  return cause === 'warm' ? Math.max(...known) : Math.min(...known)
}

/** What an act may answer: `taken` when somebody else was first. */
export type Acted = 'done' | 'taken' | Refused

/** Does something about an incident, then reads it again: the stream may come a moment later. */
export async function actOn(
  id: string,
  verb: 'acknowledge' | 'resolve' | 'mute',
  reason: string,
): Promise<void> {
  const acted = await act(id, verb, reason)
  const others = new Map(notices.value)
  others.delete(id)
  notices.value = others
  if (acted === 'done') return
  notices.value = new Map(others).set(id, acted)
  after(NOTICE_MS, () => {
    if (notices.value.get(id) !== acted) return
    const left = new Map(notices.value)
    left.delete(id)
    notices.value = left
  })
}

async function act(id: string, verb: 'acknowledge' | 'resolve' | 'mute', reason: string): Promise<Acted> {
  const body = verb === 'mute' ? undefined : reason === '' ? {} : { reason }
  const answer = await post<Incident>(`incidents/${id}/${verb}`, body)
  await readStory(id)
  if ('value' in answer) return 'done'
  return answer.refused.status === 409 && verb === 'acknowledge' ? 'taken' : answer.refused
}

/** Forgets what was read for somebody else. */
export function forgetIncidents(): void {
  stories.value = new Map()
  people.value = new Map()
  asked.clear()
}

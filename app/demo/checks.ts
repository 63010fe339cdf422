import { xicheng } from '../../devices-sim/index.ts'
import { Problem, ROOT_SCOPE } from '../../domain/index.ts'
import type { CommandPort, QueryPort } from '../../store/index.ts'
import { DEMO_REASON, demoScript, type DemoTimes, timesOfDay } from './script.ts'

/** The two rounds of a day: at what time the first begins, and by how many minutes later any other does. */
const rounds = [
  { at: '08:00', laterMin: 26, perSite: 7, perDay: 11 },
  { at: '15:00', laterMin: 36, perSite: 9, perDay: 5 },
] as const
const MINUTE_MS = 60_000
/** Where nobody had the time in the morning of each third day. */
const HURRIED_SITE = 'hekou-clinic'
/** Nobody looks into what is empty, and what travels is looked at when it is loaded. */
const UNCHECKED: readonly string[] = ['hekou-spare']
/** Of more checks than this of one place the oldest are not looked for: the script's own are long there. */
const CHECKS_READ_MAX = 1_000

/** That somebody is said to have looked at a storage unit, epoch ms. */
export interface PastCheck {
  readonly place: string
  readonly atMs: number
}

/** The rounds of the history, twice a day from unit to unit of each site, the earliest first. */
export function pastChecks({ historyFromMs, firstStartMs }: DemoTimes): readonly PastCheck[] {
  const checks = xicheng.sites.flatMap(({ id: site }, siteNo) => {
    const units = xicheng.places.filter(
      ({ id, site: own, kind }) =>
        own === site && kind !== 'vehicle' && kind !== 'box' && !UNCHECKED.includes(id),
    )
    return rounds.flatMap((round) =>
      timesOfDay(round.at, historyFromMs, firstStartMs).flatMap(({ dayNo, atMs }) => {
        if (site === HURRIED_SITE && round === rounds[0] && dayNo % 3 === 0) return []
        const laterMin = (siteNo * round.perSite + dayNo * round.perDay) % round.laterMin
        return units.map(({ id }, unitNo) => ({
          place: id,
          atMs: atMs + (laterMin + unitNo) * MINUTE_MS,
        }))
      }),
    )
  })
  return checks
    .filter(({ atMs }) => atMs > historyFromMs && atMs < firstStartMs)
    .toSorted((a, b) => a.atMs - b.atMs || (a.place < b.place ? -1 : 1))
}

/** Enters the rounds of the history that are not entered yet, however often it is called. */
export async function enterPastChecks(parts: {
  readonly commands: CommandPort
  readonly queries: QueryPort
  readonly times: DemoTimes
  readonly signal: AbortSignal
}): Promise<void> {
  const { commands, queries, times, signal } = parts
  const entered = new Map<string, ReadonlySet<number> | 'all'>()
  for (const { place, atMs } of pastChecks(times)) {
    if (signal.aborted) return
    const known = entered.get(place) ?? (await enteredOf(queries, place))
    entered.set(place, known)
    if (known === 'all' || known.has(atMs)) continue
    try {
      await commands.command('place.check', demoScript, { place, note: DEMO_REASON, claimedAtMs: atMs })
    } catch (thrown) {
      // somebody has retired the place
      if (!(thrown instanceof Problem && thrown.code === 'conflict')) throw thrown
    }
  }
}

/** Instants at which a place is said to have been looked at; `all` when more are known than are read. */
async function enteredOf(queries: QueryPort, place: string): Promise<ReadonlySet<number> | 'all'> {
  const answer = await queries.query('checks', { scopes: [ROOT_SCOPE], place, limit: CHECKS_READ_MAX })
  const { items, next } = JSON.parse(Buffer.from(answer).toString('utf8')) as {
    readonly items: readonly { readonly at: string }[]
    readonly next: string | null
  }
  return next === null ? new Set(items.map(({ at }) => Date.parse(at))) : 'all'
}

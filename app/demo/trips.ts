import { type Trip, tripsOf, xicheng } from '../../devices-sim/index.ts'
import { type Clock, type Duty, type Log, Problem, reasonOf } from '../../domain/index.ts'
import type { CommandPort, FactsView } from '../../store/index.ts'
import type { DemoFleet } from './fleet.ts'
import { DEMO_REASON, demoScript, episodesOfDay } from './script.ts'

const DAY_MS = 86_400_000
/** Devices remember a week, so nothing can be judged of trips before. */
const MISSED_MS = 7 * DAY_MS
/** How often it is looked whether something is due: a duty is judged from its own instant on all the same. */
const LOOK_MS = 5_000
/** What is entered later than this was done then: the act says so beside the time of its entry. */
const PAST_MS = 60_000
/** What could not be entered is tried again. */
const RETRY_MS = 10_000

/** A place that travels goes on a duty at an instant, epoch ms. */
export interface DutyChange {
  readonly place: string
  readonly duty: Duty
  readonly atMs: number
}

/** What vehicles and boxes do in (afterMs, untilMs], the earliest first. */
export function dutyChanges(afterMs: number, untilMs: number): readonly DutyChange[] {
  const changes = xicheng.places.flatMap((place) =>
    tripsOf(place, xicheng.zone, afterMs, untilMs).flatMap((trip) => dutiesOn(place.id, trip)),
  )
  return changes
    .filter(({ atMs }) => afterMs < atMs && atMs <= untilMs)
    .toSorted((a, b) => a.atMs - b.atMs || (a.place < b.place ? -1 : 1))
}

function dutiesOn(place: string, { preCoolMs, fromMs, toMs }: Trip): readonly DutyChange[] {
  return [
    { place, duty: 'pre-cooling', atMs: preCoolMs },
    { place, duty: 'on-trip', atMs: fromMs },
    { place, duty: 'empty', atMs: toMs },
  ]
}

/** What enters duties. */
export interface DutyParts {
  readonly commands: CommandPort
  readonly view: Pick<FactsView, 'dutiesOf'>
}

/**
 * Enters what vehicles and boxes did since their last entry and since `sinceMs`, at most a week back, but for the end
 * of a trip that was under way: that is always entered. Nothing is entered twice, however often it is called.
 */
export async function enterDuties(
  { commands, view }: DutyParts,
  sinceMs: number,
  nowMs: number,
): Promise<void> {
  const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
  for (const { id } of xicheng.places.filter(({ kind }) => kind === 'vehicle' || kind === 'box')) {
    const lastMs = Math.max(sinceMs, view.dutiesOf(id, always).at(-1)?.validFrom ?? sinceMs)
    const missed = dutyChanges(lastMs, nowMs).filter(({ place }) => place === id)
    const known = missed.filter(({ atMs }, index) => atMs > nowMs - MISSED_MS || isEnd(missed, index))
    for (const { place, duty, atMs } of known) {
      try {
        const act = { place, duty, fromMs: atMs, reason: `${DEMO_REASON}: 按行程 by its schedule` }
        const claim = nowMs - atMs > PAST_MS ? { claimedAtMs: atMs } : {}
        await commands.command('duty.set', demoScript, { ...act, ...claim })
      } catch (thrown) {
        // a person has said the same before
        if (!(thrown instanceof Problem && thrown.code === 'already-exists')) throw thrown
      }
    }
  }
}

/** The end of the trip that the last entry was about. */
function isEnd(missed: readonly DutyChange[], index: number): boolean {
  return missed.findIndex(({ duty }) => duty === 'empty') === index
}

/** What keeps the days of vehicles and boxes going. */
export interface TravelParts extends DutyParts {
  readonly fleet: Pick<DemoFleet, 'begin'>
  readonly historyFromMs: number
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** From now on duties are entered when vehicles and boxes go on them, and what befalls them every day befalls them. */
export async function keepTravelling(parts: TravelParts): Promise<void> {
  const { fleet, clock, log, signal, historyFromMs } = parts
  const begun = new Set<string>()
  let enteredMs = historyFromMs
  while (!signal.aborted) {
    const nowMs = clock.nowMs()
    try {
      await enterDuties(parts, enteredMs, nowMs)
      enteredMs = Math.max(enteredMs, nowMs)
      for (const { target, ...episode } of episodesOfDay(nowMs)) {
        const key = `${target} ${episode.scenario} ${episode.fromMs}`
        if (begun.has(key) || nowMs < episode.fromMs || nowMs >= episode.toMs) continue
        begun.add(key)
        await fleet.begin({ target, scenario: episode.scenario, atMs: episode.fromMs }, episode)
      }
      await clock.sleep(LOOK_MS, signal)
    } catch (thrown) {
      // Nothing is lost: what was not entered is entered the next time, from the instant it was.
      if (signal.aborted) return
      log.warn({ reason: reasonOf(thrown) }, 'the demonstration could not enter a duty; it is tried again')
      await clock.sleep(RETRY_MS, signal)
    }
  }
}

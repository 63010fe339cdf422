import { Problem } from '../domain/index.ts'
import type { CityPlan } from './plan.ts'
import { type Effects, type Episode, type ScenarioName, scenarioNames, scenarios } from './scenarios.ts'

/** What scenarios do at an instant, and since when the newest of them has lasted. */
export interface Active {
  readonly effects: Effects
  readonly sinceMs: number
}

const nothing: Active = { effects: {}, sinceMs: Number.NEGATIVE_INFINITY }
/** Episodes that are over for this long are forgotten when new ones come: no unit looks back further. */
const REMEMBERED_MS = 3 * 86_400_000

/** The episodes of every place and device of a plan. A place and the devices with a sensor in it share theirs. */
export class Episodes {
  readonly #byTarget = new Map<string, Episode[]>()
  /** For each place and device: those whose episodes reach it, itself first. */
  readonly #reaching = new Map<string, readonly string[]>()

  constructor(plan: CityPlan, known: ((target: string) => readonly Episode[]) | undefined) {
    for (const { id } of plan.places) {
      const devices = plan.devices.filter(({ sensors }) => sensors.some(({ place }) => place === id))
      this.#reaching.set(id, [id, ...devices.map((device) => device.id)])
    }
    for (const { id, sensors } of plan.devices) {
      this.#reaching.set(id, [...new Set([id, ...sensors.map(({ place }) => place)])])
    }
    for (const target of this.#reaching.keys()) this.#byTarget.set(target, [...(known?.(target) ?? [])])
  }

  /** Adds one. Throws `Problem('not-found')` for a target or scenario there is none of. */
  add(target: string, scenario: ScenarioName, fromMs: number, toMs?: number): void {
    const of = this.#of(target)
    if (!scenarioNames.includes(scenario)) {
      throw new Problem('not-found', {
        what: `There is no scenario '${scenario}'.`,
        remedy: `Choose one of ${scenarioNames.join(', ')}.`,
      })
    }
    const kept = of.filter((each) => each.toMs > fromMs - REMEMBERED_MS)
    const added = { scenario, fromMs, toMs: toMs ?? fromMs + scenarios[scenario].lastsMs }
    this.#byTarget.set(target, [...kept, added])
  }

  /** Ends those of a scenario that last at this instant. Throws `Problem('not-found')` for an unknown target. */
  end(target: string, scenario: ScenarioName, atMs: number): void {
    const ended = this.#of(target).map((each) =>
      each.scenario === scenario && each.fromMs <= atMs && each.toMs > atMs ? { ...each, toMs: atMs } : each,
    )
    this.#byTarget.set(target, ended)
  }

  /** The places and devices that share the episodes of this one, itself among them. */
  reachedBy(target: string): readonly string[] {
    return this.#reaching.get(target) ?? []
  }

  /** What they do to a place or device, as a function of the instant. */
  reaching(target: string): (atMs: number) => Active {
    const targets = this.#reaching.get(target) ?? [target]
    return (atMs) => {
      let active = nothing
      for (const each of targets) {
        const episodes = this.#byTarget.get(each)
        if (episodes === undefined || episodes.length === 0) continue
        for (const { scenario, fromMs, toMs } of episodes) {
          if (atMs < fromMs || atMs >= toMs) continue
          const effects: Effects = scenarios[scenario].effects
          active = {
            effects: { ...active.effects, ...effects },
            sinceMs: Math.max(active.sinceMs, fromMs),
          }
        }
      }
      return active
    }
  }

  #of(target: string): readonly Episode[] {
    const of = this.#byTarget.get(target)
    if (of !== undefined) return of
    throw new Problem('not-found', {
      what: `There is no place or device ${target} in the plan.`,
      remedy: 'Name one by its id in the plan.',
    })
  }
}

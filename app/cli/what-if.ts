import type { Command } from 'commander'
import { ROOT_SCOPE } from '../../domain/index.ts'
import type { RuleTrial } from '../../store/index.ts'
import { systemClock } from '../doors/clock.ts'
import { readRulePack } from '../doors/rule-packs.ts'
import { terminal } from '../doors/terminal.ts'
import { type LocalCore, withCore } from './local-core.ts'
import { printList } from './print.ts'
import { openStepProgress } from './progress.ts'
import { versionOf } from './rule-proposals.ts'
import { type CommandOptions, instantOption, runs, textOption } from './run.ts'

/** What the query answers of one point. */
interface PointOutcome {
  readonly before: number
  readonly after: number
  readonly items: readonly Readonly<Record<string, unknown>>[]
}

/** Findings that are printed; with more nobody reads them one by one. */
const ITEMS_MAX = 10_000
const DAY_MS = 86_400_000
/** Judged again unless --since says otherwise. */
const DAYS_USUAL = 90

/** Adds `rules what-if`. */
export function addWhatIf(rules: Command): void {
  runs(
    rules
      .command('what-if <pack>')
      .description(
        'judge what was measured as if a pack held (or, with --deactivate, did not): which findings would appear, ' +
          'vanish, move or change. Changes nothing. <pack> is the id of a pack, or a file of one',
      )
      .option('--organisation <id>', 'for this one and those below it', ROOT_SCOPE)
      .option('--pack-version <number>', 'this version of the pack (default: its newest)')
      .option('--deactivate', 'as if it did not hold')
      .option('--from <time>', 'as from this instant (RFC 3339; default: --since)')
      .option('--since <time>', `judge the readings since then (default: ${DAYS_USUAL} days ago)`),
    async (configuration, options, pack: string) => {
      const toMs = systemClock.nowMs()
      const sinceMs = instantOption(options, 'since') ?? toMs - DAYS_USUAL * DAY_MS
      const trial = await trialOf(pack, options, sinceMs)
      const outcome = await withCore(configuration, (core) => tried(core, trial, sinceMs, toMs))
      if (options['json'] === true) terminal.print(JSON.stringify(outcome))
      else print(outcome)
    },
  )
}

async function trialOf(named: string, options: CommandOptions, sinceMs: number): Promise<RuleTrial> {
  const file = /\.ya?ml$/.test(named) ? await readRulePack(named) : undefined
  const pack = file ?? { id: named, version: await versionOf(named, textOption(options, 'packVersion')) }
  return {
    pack: pack.id,
    version: pack.version,
    organisation: textOption(options, 'organisation') ?? ROOT_SCOPE,
    state: options['deactivate'] === true ? 'inactive' : 'active',
    changeMs: instantOption(options, 'from') ?? sinceMs,
    ...(file === undefined ? {} : { file }),
  }
}

/** Point after point, so that nobody waits for long on the one who reads. */
async function tried(core: LocalCore, trial: RuleTrial, fromMs: number, toMs: number) {
  const points = (await core.query('rules.concerned', trial)) as readonly string[]
  const progress = openStepProgress()
  const items: Readonly<Record<string, unknown>>[] = []
  let before = 0
  let after = 0
  try {
    for (const [done, point] of points.entries()) {
      progress.show('points judged', done, points.length)
      const outcome = (await core.query('rules.what-if', { ...trial, point, fromMs, toMs })) as PointOutcome
      before += outcome.before
      after += outcome.after
      items.push(...outcome.items.slice(0, Math.max(0, ITEMS_MAX - items.length)))
    }
  } finally {
    progress.close()
  }
  const { pack, version, organisation, state } = trial
  return { pack, version, organisation, state, points: points.length, before, after, items }
}

function print({ points, before, after, items }: Awaited<ReturnType<typeof tried>>): void {
  terminal.print(`${points} points would be judged by other rules: ${before} findings now, ${after} then.`)
  if (items.length > 0) {
    printList(items, ['what', 'place', 'point', 'rule', 'state', 'start', 'alarm', 'end', 'peak'], false)
  }
}

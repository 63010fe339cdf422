import { Problem } from '../../domain/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'
import { type JudgeStage, MINUTE_MS, START_MS } from './judge-stage.ts'

const MINUTES = 600
const reason = 'tested'

/** One step: readings from anywhere in time, or a fact from anywhere in time, or the end of the process. */
export async function judgeStep(stage: JudgeStage, random: SeededRandom, used: Set<string>): Promise<void> {
  const kind = random.below(10)
  const atMs = START_MS + (1 + random.below(MINUTES)) * MINUTE_MS
  if (kind < 6) {
    const sensor = random.oneIn(3) ? 'b' : 'a'
    const first = random.below(MINUTES)
    // alone, it may be far apart from those on both sides
    const length = random.oneIn(3) ? 1 : 40
    const rows: [number, number | null][] = []
    for (let minute = first; minute < first + length; minute += 1 + random.below(12)) {
      if (used.has(`${sensor} ${minute}`)) continue
      used.add(`${sensor} ${minute}`)
      rows.push([minute, random.oneIn(2) ? 5 : valueOf(random)])
    }
    if (rows.length > 0) stage.take(sensor, rows)
  } else if (kind === 6) {
    const duty = (['maintenance', 'in-service', 'loading'] as const)[random.below(3)] ?? 'loading'
    await refusable(stage.command('duty.set', { place: 'room', duty, fromMs: atMs, reason }))
  } else if (kind === 7) {
    const sensor = random.oneIn(2) ? 'a' : 'b'
    const toMs = random.oneIn(2) ? atMs : null
    const corrected = { device: 'd', sensor, atMs: START_MS + MINUTE_MS / 2, toMs, reason }
    await refusable(stage.command('placement.correct', corrected))
  } else if (kind === 8) {
    const organisation = random.oneIn(2) ? 'o' : 'root'
    const verb = random.oneIn(2) ? 'rules.activate' : 'rules.deactivate'
    const packs = ['who-pqs-storage', 'cn-gsp-storage', 'cn-gsp-cadence']
    const pack = packs[random.below(packs.length)] ?? 'cn-gsp-cadence'
    await refusable(stage.command(verb, { pack, version: 1, organisation, fromMs: atMs, reason }))
  } else {
    await stage.restart()
  }
}

/** Degrees on either side of the limits, power-up values and what may come before them; null: a fault. */
function valueOf(random: SeededRandom): number | null {
  const rare = [null, 85, 85, 60][random.below(12)]
  return rare === undefined ? 1 + random.below(90) / 10 : rare
}

/** Nothing to be done is an answer too. */
export async function refusable(command: Promise<unknown>): Promise<void> {
  try {
    await command
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
  }
}

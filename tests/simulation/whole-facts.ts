import type { Clock, Random } from '../../domain/index.ts'
import { Problem } from '../../domain/index.ts'
import { type CommandName, type Commands, createCommands, type Facts } from '../../store/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'

const MINUTE_MS = 60_000
const reason = 'simulated'
const DAY_MS = 1440 * MINUTE_MS

/** Gives a command as a person on the server would. */
export type Command = <N extends CommandName>(name: N, input: Commands[N]['input']) => Promise<unknown>

/** The commands on these facts. */
export function commandsOn(facts: Facts, clock: Clock, random: Random): Command {
  const commands = createCommands({ facts, clock, random })
  return async (name, input) => commands.command(name, { kind: 'local', id: 'simulation' }, input)
}

/** A cold room of a distributor with a point for each device. */
export async function furnish(command: Command, devices: readonly string[], nowMs: number): Promise<void> {
  const since = { fromMs: nowMs - 2 * DAY_MS, reason }
  await command('organisation.create', { id: 'o', parent: null, kind: 'distributor', demo: true, name: 'o' })
  await command('site.create', { id: 's', organisation: 'o', name: 's', zone: 'Asia/Shanghai' })
  const room = { site: 's', parent: null, kind: 'cold-room', name: 'room' } as const
  await command('place.create', { id: 'room', ...room, ...since })
  for (const device of devices) {
    const point = `point-${device}`
    await command('device.create', { id: device, site: 's', kind: 'simulated' })
    await command('point.create', { id: point, place: 'room', name: point, role: 'air', ...since })
    await command('placement.start', { device, sensor: 'main', point, ...since })
  }
}

/** Some fact changes, now or in the past. What it is told is refused is an answer too; it is returned. */
export async function changeFacts(
  command: Command,
  random: SeededRandom,
  devices: readonly string[],
  nowMs: number,
): Promise<string> {
  const atMs = nowMs - random.below(180) * MINUTE_MS
  const kind = random.below(3)
  try {
    if (kind === 0) {
      const duty = (['maintenance', 'in-service', 'loading'] as const)[random.below(3)] ?? 'loading'
      await command('duty.set', { place: 'room', duty, fromMs: atMs, reason })
    } else if (kind === 1) {
      const device = devices[random.below(devices.length)] ?? ''
      const toMs = random.oneIn(2) ? atMs : null
      await command('placement.correct', { device, sensor: 'main', atMs: nowMs - DAY_MS, toMs, reason })
    } else {
      const pack = random.oneIn(2) ? 'who-pqs-storage' : 'cn-gsp-storage'
      const verb = random.oneIn(2) ? 'rules.activate' : 'rules.deactivate'
      await command(verb, { pack, version: 1, organisation: 'o', fromMs: atMs, reason })
    }
    return `fact ${kind}`
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return `fact ${kind} ${thrown.code}`
  }
}

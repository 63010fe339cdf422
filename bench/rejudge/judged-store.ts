import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startJudge } from '../../app/core/judge/judge.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { ingestStretch } from '../../ingest/index.ts'
import {
  type CommandName,
  type Commands,
  createCommands,
  createFactsView,
  openCanonicalReads,
  openCanonicalStore,
  openFacts,
  openFindingReads,
} from '../../store/index.ts'
import { silent } from '../bench.ts'

export const DEVICE = 'logger'
const reason = 'a benchmark'
const ACTOR = { kind: 'local', id: 'bench' } as const
const PACKS = ['cn-gsp-storage', 'who-pqs-storage']

/** A reading of the logger. */
export interface Row {
  readonly seq: number
  readonly tMs: number
  readonly celsius: number
}

/** What a run of the judge is set up with. */
export interface JudgedStoreOptions {
  /** From when the logger stands at its point, epoch ms. */
  readonly fromMs: number
  readonly intervalMs: number
}

/** Facts, canonical store, ingest and judge as the core has them, in a folder of its own and in this thread. */
export type JudgedStore = Awaited<ReturnType<typeof openJudgedStore>>

/** A logger at a point of a cold room, judged by six rules; another point beside it is empty. */
export async function openJudgedStore({ fromMs, intervalMs }: JudgedStoreOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'iso-rejudge-'))
  const paths = { facts: join(folder, 'facts.sqlite'), readings: join(folder, 'readings.sqlite') }
  const facts = await openFacts({ path: paths.facts, clock: systemClock })
  const commands = createCommands({ facts, clock: systemClock, random: systemRandom })
  const command = <N extends CommandName>(name: N, input: Commands[N]['input']) =>
    commands.command(name, ACTOR, input)
  await furnish(command, { fromMs, intervalMs })
  const view = createFactsView()
  view.load(await facts.snapshot())
  const store = openCanonicalStore({ path: paths.readings })
  const reads = openCanonicalReads({ path: paths.readings })
  const findings = openFindingReads({ path: paths.readings })
  const stopping = new AbortController()
  const { signal } = stopping
  const packs = await readRulePacks()
  const parts = { store, reads, findings, view, packs, clock: systemClock, log: silent, signal }
  const judge = startJudge({ ...parts, isLevel: () => true })
  facts.onChange((change) => {
    view.apply(change)
    judge.onFacts(change)
  })
  const terms = { acceptFromMs: fromMs, expectedIntervalMs: intervalMs }
  let index = 0
  return {
    command,
    findings,
    /** Takes messages as ingest does, in one transaction, and waits until they are judged. */
    take: async (messages: readonly (readonly Row[])[]): Promise<void> => {
      const entries = messages.map((rows) => {
        index += 1
        return { index: index - 1, bytes: recordOf(rows) }
      })
      store.transact((tx) => ingestStretch(tx, entries, () => terms))
      judge.wake()
      await judge.settled()
    },
    settled: () => judge.settled(),
    close: async (): Promise<void> => {
      stopping.abort()
      await judge.stopped
      for (const each of [store, reads, findings]) each.close()
      await facts.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function recordOf(rows: readonly Row[]): Uint8Array {
  const items = rows.map(({ seq, tMs, celsius }) => ({ at: tMs, seq, temperature: celsius }))
  const payload = Buffer.from(JSON.stringify(items))
  const topic = publishTopic(DEVICE, 'readings')
  const receivedAtMs = systemClock.nowMs()
  return encodeRecord({ receivedAtMs, channel: 'mqtt', qos: 1, deviceId: DEVICE, topic, payload })
}

async function furnish(
  command: <N extends CommandName>(name: N, input: Commands[N]['input']) => Promise<unknown>,
  { fromMs, intervalMs }: JudgedStoreOptions,
): Promise<void> {
  const since = { fromMs, reason }
  const city = { parent: null, kind: 'distributor', demo: false, name: 'bench' } as const
  await command('organisation.create', { id: 'o', ...city })
  await command('site.create', { id: 's', organisation: 'o', name: 's', zone: 'Asia/Shanghai' })
  const accepted = { acceptFromMs: fromMs, expectedIntervalMs: intervalMs }
  await command('device.create', { id: DEVICE, site: 's', kind: 'real', ...accepted })
  const room = { site: 's', parent: null, kind: 'cold-room', name: 'room' } as const
  await command('place.create', { id: 'room', ...room, ...since })
  for (const id of ['one', 'other']) {
    await command('point.create', { id, place: 'room', name: id, role: 'product', ...since })
  }
  await command('placement.start', { device: DEVICE, sensor: 'main', point: 'one', ...since })
  for (const pack of PACKS) {
    await command('rules.activate', { pack, version: 1, organisation: 'o', ...since })
  }
}

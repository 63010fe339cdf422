import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDesk } from '../../app/core/incidents/desk.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import type { Excursion, IncidentFact, Log, MessageTemplate } from '../../domain/index.ts'
import {
  type CommandName,
  type Commands,
  createCommands,
  createFactsView,
  type NewFindingChange,
  openCanonicalStore,
  openDeskStore,
  openFacts,
  openFindingReads,
  openOutbox,
} from '../../store/index.ts'
import { countingRandom, LI, START_MS } from '../store/facts/setup.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const reason = 'tested'
const SECOND_MS = 1_000

/** The incident desk on real stores, with findings as a test says and a clock that stands still until it is moved. */
export type DeskStage = Awaited<ReturnType<typeof openDeskStage>>

/** A clinic with places `fridge` and `freezer`, a point `p-<place>` in each, and nobody who is called. */
export async function openDeskStage() {
  const folder = mkdtempSync(join(tmpdir(), 'iso-desk-'))
  const paths = { facts: join(folder, 'facts.sqlite'), readings: join(folder, 'readings.sqlite') }
  const clock = new SimulatedClock(START_MS)
  let setBackMs = 0
  const wall = { nowMs: () => clock.nowMs() - setBackMs }
  const shifted = {
    ...wall,
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
  }
  const errors: string[] = []
  const say = (): void => undefined
  const log: Log = { debug: say, info: say, warn: say, error: (_fields, text) => void errors.push(text) }
  const facts = await openFacts({ path: paths.facts, clock: shifted })
  const random = countingRandom()
  const commands = createCommands({ facts, clock: shifted, random })
  const view = createFactsView()
  facts.onChange((change) => {
    view.apply(change)
  })
  view.load(await facts.snapshot())
  const command = <N extends CommandName>(name: N, input: Commands[N]['input']) =>
    commands.command(name, LI, input)
  await furnish(command)
  const store = openCanonicalStore({ path: paths.readings })
  const findings = openFindingReads({ path: paths.readings })
  const packs = await readRulePacks()
  const outbox = openOutbox(facts)
  let stopping = new AbortController()
  const begin = () => {
    stopping = new AbortController()
    const desk = { store: openDeskStore(facts, random), findings, view, packs, clock: shifted, log }
    return startDesk({ ...desk, signal: stopping.signal, onMessages: say })
  }
  let desk: ReturnType<typeof startDesk> | undefined
  const stop = async (): Promise<void> => {
    stopping.abort()
    await desk?.stopped
    desk = undefined
  }
  const pass = (ms: number): Promise<void> => clock.runTo(clock.nowMs() + ms)
  return {
    command,
    errors,
    outbox,
    wall,
    pass,
    stop,
    /** Does nothing while one runs. */
    start: async (): Promise<void> => {
      desk ??= begin()
      await pass(SECOND_MS)
    },
    /** The desk is told, and does what it can do at once. */
    wake: async (): Promise<void> => {
      desk?.wake()
      await pass(SECOND_MS)
    },
    setBack: (ms: number): void => {
      setBackMs += ms
    },
    /** Writes changes as the judge does, all in one transaction. */
    judged: (...changes: readonly NewFindingChange[]): void => {
      const standing = new Map(findings.allFindings().map((each) => [each.id, each]))
      const removed = new Set(changes.flatMap(({ replaces }) => replaces))
      for (const { kind, finding } of changes) {
        if (kind === 'withdrawn') removed.add(finding.id)
        else standing.set(finding.id, finding)
      }
      const put = [...standing.values()].filter(({ id }) => !removed.has(id))
      store.transact((tx) => {
        tx.savePointOutcome({
          removed: [...removed],
          put: put.map((finding) => ({ finding, asOfMs: wall.nowMs() })),
          changes,
          factVersion: view.version,
          recordedAtMs: wall.nowMs(),
        })
      })
    },
    incidents: async (place = 'fridge'): Promise<readonly IncidentFact[]> =>
      facts.transact((tx) =>
        tx.all(tx.db.selectFrom('live_incident').selectAll().where('place', '=', place).orderBy('fact')),
      ),
    links: async (incident: string) =>
      (
        await facts.transact((tx) =>
          tx.all(tx.db.selectFrom('live_incident_finding').selectAll().where('incident', '=', incident)),
        )
      ).map(({ finding }) => finding),
    /** Messages as "template state", the oldest first. */
    messages: async (): Promise<readonly string[]> => {
      const rows = await facts.transact((tx) =>
        tx.all(tx.db.selectFrom('live_message').selectAll().orderBy('decidedBy').orderBy('id')),
      )
      return rows.map(({ template, state }) => `${template} ${state}`)
    },
    texts: async (template: MessageTemplate): Promise<readonly string[]> => {
      const rows = await facts.transact((tx) =>
        tx.all(tx.db.selectFrom('live_message').selectAll().where('template', '=', template)),
      )
      return rows.map(({ text }) => text)
    },
    /** Sends all that is due on the console, and answers the templates. */
    send: async (): Promise<readonly string[]> => {
      const sent: string[] = []
      for (;;) {
        const [due] = await outbox.due('console', wall.nowMs(), 1)
        if (due === undefined) return sent
        await outbox.settle(due.message.id, { kind: 'sent', reference: null })
        sent.push(due.message.template)
      }
    },
    acts: async (): Promise<number> => (await facts.snapshot()).version,
    close: async (): Promise<void> => {
      await stop()
      findings.close()
      store.close()
      await facts.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A warm alarm of a place that goes on. */
export function excursion(id: string, more: Partial<Excursion> = {}): Excursion {
  const place = more.place ?? 'fridge'
  return {
    id,
    point: `p-${place}`,
    place,
    rule: 'pack/rule',
    packVersion: 1,
    level: 'range',
    kind: 'excursion',
    direction: 'warm',
    state: 'confirmed',
    open: true,
    startMs: START_MS - 60_000,
    alarmMs: START_MS - 60_000,
    endMs: null,
    endReason: null,
    peakMilliC: 9_000,
    peakMs: START_MS,
    observedMs: 60_000,
    worstCaseMs: 60_000,
    bridged: false,
    readings: 2,
    confirmedBySingleReading: false,
    ...more,
  }
}

async function furnish(
  command: <N extends CommandName>(name: N, input: Commands[N]['input']) => Promise<unknown>,
): Promise<void> {
  const organisation = { parent: null, demo: false, name: '门诊', kind: 'clinic' } as const
  await command('organisation.create', { ...organisation, id: 'clinic' })
  await command('site.create', { id: 'ward', organisation: 'clinic', name: '室', zone: 'Asia/Shanghai' })
  const since = { fromMs: START_MS - 3_600_000, reason }
  for (const id of ['fridge', 'freezer']) {
    const place = { id, site: 'ward', parent: null, kind: 'refrigerator', name: id, ...since } as const
    await command('place.create', place)
    await command('point.create', { id: `p-${id}`, place: id, name: id, role: 'product', ...since })
  }
}

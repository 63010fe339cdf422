import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { findingsJson } from '../../alerts/index.ts'
import { startJudge, type Judge } from '../../app/core/judge/judge.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import {
  type Clock,
  decodeRecord,
  encodeReadmission,
  encodeRecord,
  type FindingState,
  type Log,
  marks,
  publishTopic,
  type Stands,
} from '../../domain/index.ts'
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

export const START_MS = Date.UTC(2026, 10, 23, 0)
export const MINUTE_MS = 60_000
const reason = 'tested'

/** Readings as minutes and degrees; null = the probe was at fault, so the reading was held. */
type Rows = readonly (readonly [minute: number, celsius: number | null])[]

/** The judge on real stores in a folder of its own, with a clock that stands still until it is moved. */
export type JudgeStage = Awaited<ReturnType<typeof openJudgeStage>>

/** A cold room of a distributor with points `p-1` and `p-2`, and sensors `d/a` and `d/b` there since `START_MS`. */
export async function openJudgeStage(furnishedMs = START_MS + 24 * 60 * MINUTE_MS) {
  const folder = mkdtempSync(join(tmpdir(), 'iso-judge-'))
  const paths = { facts: join(folder, 'facts.sqlite'), readings: join(folder, 'readings.sqlite') }
  let nowMs = furnishedMs
  let skippedMs = 0
  let stepMs = 0
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => performance.now() + (skippedMs += stepMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, signal?.aborted === true ? 0 : ms)
        signal?.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
  }
  const errors: unknown[] = []
  const say = (): void => undefined
  const log: Log = { debug: say, info: say, warn: say, error: (fields) => void errors.push(fields) }
  const facts = await openFacts({ path: paths.facts, clock })
  const commands = createCommands({ facts, clock, random: { bytes: (count) => randomBytes(count) } })
  const view = createFactsView()
  facts.onChange((change) => {
    view.apply(change)
  })
  view.load(await facts.snapshot())
  const command = <N extends CommandName>(name: N, input: Commands[N]['input']) =>
    commands.command(name, { kind: 'local', id: 'test' }, input)
  const store = openCanonicalStore({ path: paths.readings })
  const reads = openCanonicalReads({ path: paths.readings })
  const findings = openFindingReads({ path: paths.readings })
  const packs = await readRulePacks()
  let stopping = new AbortController()
  let judge: Judge
  const begin = (): void => {
    stopping = new AbortController()
    const parts = { store, reads, findings, view, packs, clock, log }
    judge = startJudge({ ...parts, isLevel: () => true, signal: stopping.signal })
  }
  await furnish(command)
  begin()
  facts.onChange((change) => {
    judge.onFacts(change)
  })
  let index = 0
  const take = (sensor: string, rows: Rows, mark: number): void => {
    store.transact((tx) => {
      const series = tx.series('d', sensor, START_MS, 100) ?? 0
      for (const [item, [minute, celsius]] of rows.entries()) {
        const tMs = START_MS + minute * MINUTE_MS
        if (celsius === null) {
          tx.putFault({ series, tMs, index })
          continue
        }
        const same = { atMs: tMs, seq: null, receivedAtMs: tMs, marks: mark, payloadHash: null }
        const values = { temperatureMilliC: Math.round(celsius * 1000) }
        tx.insert({ ...same, series, tMs, sub: 0, index, item, values })
      }
      index += 1
      tx.setCursor('ingest', index)
    })
    judge.wake()
  }
  const message = (minute: number, items: readonly object[], deviceId = 'd'): Uint8Array => {
    const receivedAtMs = START_MS + minute * MINUTE_MS
    const payload = Buffer.from(JSON.stringify(items))
    const sent = { receivedAtMs, channel: 'mqtt', qos: 1, deviceId, payload } as const
    return encodeRecord({ ...sent, topic: publishTopic(deviceId, 'readings') })
  }
  /** Takes a message of the device as ingest does, received at its minute. */
  const receive = (minute: number, items: readonly object[], deviceId?: string): void => {
    ingest(message(minute, items, deviceId))
  }
  const received: Uint8Array[] = []
  const ingest = (...records: readonly Uint8Array[]): void => {
    const terms = { acceptFromMs: START_MS, expectedIntervalMs: 5 * MINUTE_MS }
    const entries = records.map((bytes, nth) => ({ index: index + nth, bytes }))
    for (const { index: own, bytes } of entries) received[own] = bytes
    store.transact((tx) => {
      ingestStretch(tx, entries, () => terms)
    })
    index += records.length
    judge.wake()
  }
  /** Has it decided of a held reading of a record whether it stands from now on, or what is stored. */
  const decide = (about: number, item: number, stands: Stands): void => {
    const record = decodeRecord(received[about] ?? new Uint8Array())
    const payload = encodeReadmission({ index: about, record, decision: { item, stands } })
    ingest(encodeRecord({ ...record, receivedAtMs: nowMs, channel: 'readmission', payload }))
  }
  const stop = async (): Promise<void> => {
    stopping.abort()
    await judge.stopped
  }
  return {
    command,
    facts,
    clock,
    log,
    view,
    packs,
    store,
    findings,
    errors,
    reads,
    /** Every incident, the oldest first. */
    allIncidents: () =>
      view
        .rows()
        .flatMap((fed) => (fed.table === 'incident' ? [fed.row] : []))
        .toSorted((a, b) => a.validFrom - b.validFrom || a.fact - b.fact),
    /** Stores readings [minute, degrees] of one sensor as one record. */
    take: (sensor: string, rows: Rows) => {
      take(sensor, rows, 0)
    },
    receive,
    /** The same with several, which waited and are taken together. */
    receiveTogether: (sent: readonly (readonly [minute: number, items: readonly object[]])[]) => {
      ingest(...sent.map(([minute, items]) => message(minute, items)))
    },
    decide,
    /** Everything has its time: the clock goes on, and whoever waits for it has waited. */
    pass: (minutes: number) => {
      nowMs += minutes * MINUTE_MS
      skippedMs += minutes * MINUTE_MS
      judge.wake()
    },
    /** From now on so much time is over each time somebody asks for it, as on a machine that is busy, ms. */
    slow: (ms: number) => {
      stepMs = ms
    },
    /** The same, handed in late. */
    takeLate: (sensor: string, rows: Rows) => {
      take(sensor, rows, marks.storeAndForward)
    },
    settled: () => judge.settled(),
    numbers: () => judge.numbers(),
    onFacts: (listener: Parameters<typeof facts.onChange>[0]) => facts.onChange(listener),
    /** Ends the judge and starts another on the same files. */
    restart: async () => {
      await stop()
      begin()
    },
    /** Drops everything the judge keeps, as a rebuild does, and starts it again. */
    rebuild: async () => {
      await stop()
      const database = new DatabaseSync(paths.readings)
      database.exec(
        "delete from finding; delete from finding_change; delete from judged_point; update cursor set next = 0 where name = 'judge'",
      )
      database.close()
      begin()
    },
    /** Damages what is kept of a point, so that judging it throws, and starts the judge again. */
    spoil: async (point: string) => {
      await stop()
      const database = new DatabaseSync(paths.readings)
      database.prepare("update judged_point set facts = '{' where point = ?").run(point)
      database.close()
      begin()
    },
    advance: (ms: number) => {
      nowMs += ms
    },
    advanceTo: (minute: number) => {
      nowMs = START_MS + minute * MINUTE_MS
    },
    json: () => findingsJson(findings.allFindings()),
    /** The findings as short rows: rule, minutes, state. */
    rows: () => shortRows(findings.allFindings()),
    changes: () =>
      findings.changesAfter(0, 1_000).map(({ kind, finding, replaces }) => ({
        kind,
        from: minutes(finding.startMs),
        to: minutes(finding.endMs),
        replaces: replaces.length,
      })),
    close: async () => {
      await stop()
      findings.close()
      reads.close()
      store.close()
      await facts.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Whatever happened, judging everything again from nothing gives the same findings. */
export async function sameAfterRebuild(stage: JudgeStage): Promise<void> {
  expect(stage.errors).toEqual([])
  const before = stage.json()
  await stage.restart()
  await stage.settled()
  expect(stage.json()).toBe(before)
  await stage.rebuild()
  await stage.settled()
  expect(stage.json()).toBe(before)
}

function minutes(epochMs: number | null): number | null {
  return epochMs === null ? null : (epochMs - START_MS) / MINUTE_MS
}

function shortRows(
  all: readonly {
    readonly point: string
    readonly rule: string
    readonly startMs: number
    readonly endMs: number | null
    readonly state: FindingState
  }[],
): readonly string[] {
  return all
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(
      ({ point, rule, startMs, endMs, state }) =>
        `${point} ${rule} ${minutes(startMs)}-${minutes(endMs) ?? ''} ${state}`,
    )
}

async function furnish(
  command: <N extends CommandName>(name: N, input: Commands[N]['input']) => Promise<unknown>,
): Promise<void> {
  const since = { fromMs: START_MS, reason }
  await command('organisation.create', { id: 'o', parent: null, kind: 'distributor', demo: true, name: '司' })
  await command('site.create', { id: 's', organisation: 'o', name: '仓', zone: 'Asia/Shanghai' })
  await command('device.create', { id: 'd', site: 's', kind: 'simulated' })
  const room = { site: 's', parent: null, kind: 'cold-room', name: '库' } as const
  await command('place.create', { id: 'room', ...room, ...since })
  for (const [point, sensor] of [
    ['p-1', 'a'],
    ['p-2', 'b'],
  ] as const) {
    await command('point.create', { id: point, place: 'room', name: point, role: 'air', ...since })
    await command('placement.start', { device: 'd', sensor, point, ...since })
  }
}

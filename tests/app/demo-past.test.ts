import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takePastIncidents } from '../../app/demo/past.ts'
import { freeze } from '../../app/demo/script.ts'
import { openDeskStore } from '../../store/index.ts'
import { findingOf } from '../api/operations-places.ts'
import { openStage, type Stage } from '../api/stage.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  const named = { name: '演示', demo: true }
  await stage.command('organisation.create', { ...named, id: 'show', parent: null, kind: 'clinic' })
  await stage.command('site.create', { id: 'stage', organisation: 'show', name: '点', zone: 'Asia/Shanghai' })
})
afterEach(() => stage.close())

/** A place with an incident of something that was over when it was first seen; answers the incident's id. */
async function seenLate(place: string, sinceMs: number): Promise<string> {
  const { command, canonical, clock, facts } = stage
  await command('place.create', {
    id: place,
    site: 'stage',
    parent: null,
    kind: 'refrigerator',
    name: '冰箱',
  })
  const finding = { ...findingOf(place, sinceMs), place, point: `${place}-point` }
  canonical.transact((tx) => {
    const put = [{ finding, asOfMs: clock.nowMs() }]
    tx.savePointOutcome({ removed: [], put, changes: [], factVersion: 1, recordedAtMs: clock.nowMs() })
  })
  const desk = openDeskStore(facts, { bytes: (count) => randomBytes(count) })
  const { id } = await desk.step(async (tx) => {
    const raise = {
      kind: 'raise',
      place,
      cause: 'warm',
      grade: 'alarm',
      labelMilliC: null,
      open: false,
    } as const
    const raised = await tx.apply(undefined, { ...raise, findings: [finding.id] }, [])
    return tx.apply(raised, { kind: 'over', tell: false, seenLate: true }, [])
  })
  return id
}

/** One look for incidents of the past. */
async function lookOnce(): Promise<void> {
  const looked = new AbortController()
  await takePastIncidents({
    commands: stage.parts.commands,
    queries: stage.parts.queries,
    view: stage.view,
    clock: { ...stage.clock, sleep: async () => looked.abort() },
    signal: looked.signal,
  })
}

test('incidents of the past are taken now, and claimed to have been taken minutes after they began', async () => {
  const sinceMs = stage.clock.nowMs() - 3 * HOUR_MS
  const ids = [await seenLate('fridge-1', sinceMs), await seenLate('fridge-2', sinceMs)]
  const frozen = await seenLate(freeze.place, sinceMs)
  await lookOnce()
  await lookOnce()
  for (const id of ids) {
    const story = JSON.parse(Buffer.from(await stage.parts.queries.query('incident', { id })).toString()) as {
      readonly acknowledgedAt: string
      readonly acts: readonly {
        readonly kind: string
        readonly at: string
        readonly claimedAt: string | null
      }[]
    }
    const now = new Date(stage.clock.nowMs()).toISOString()
    expect(story.acknowledgedAt).toBe(now)
    const taken = story.acts.filter(({ claimedAt }) => claimedAt !== null)
    expect(taken.map(({ kind, at }) => [kind, at])).toEqual([['incident.acknowledge', now]])
    const laterMs = Date.parse(taken[0]?.claimedAt ?? '') - sinceMs
    expect([laterMs >= 4 * MINUTE_MS, laterMs < 13 * MINUTE_MS]).toEqual([true, true])
  }
  expect(stage.view.unresolvedIncidents().map(({ id }) => id)).toEqual([frozen])
})

test('what began just now is not claimed to have been taken in the future', async () => {
  const id = await seenLate('fridge-1', stage.clock.nowMs() - MINUTE_MS)
  await lookOnce()
  expect(stage.view.incident(id)?.state).toBe('resolved')
  const audit = await stage.parts.queries.query('audit', {
    scopes: ['root'],
    limit: 1_000,
    subject: `incident:${id}`,
  })
  const { items } = JSON.parse(Buffer.from(audit).toString()) as {
    readonly items: readonly { claimedAt: unknown }[]
  }
  expect(items.filter(({ claimedAt }) => claimedAt !== null)).toEqual([])
})

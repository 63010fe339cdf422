import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReportQuery } from '../../app/report/gather.ts'
import { reportAnswers } from '../../app/report-answers.ts'
import type { JudgeStage } from '../alerts/judge-stage.ts'
import { at, openReportStage, reason, reportOf } from './report-stage.ts'

let stage: JudgeStage
beforeAll(async () => {
  stage = await openReportStage()
})
afterAll(() => stage.close())

const ask = (given: Partial<ReportQuery>) => reportOf(stage, given)

test.each([
  ['an empty period', { fromMs: at(120) }, 'bad-request', 'empty'],
  ['a period that has not begun', { fromMs: at(24 * 60), toMs: at(25 * 60) }, 'bad-request', 'not begun'],
  ['more than a year', { fromMs: at(-366 * 24 * 60) }, 'bad-request', '366 days'],
  ['a place that is not there', { subject: { by: 'place', place: 'none' } }, 'not-found', 'none'],
  ['a lot that is not there', { subject: { by: 'lot', lot: 'none' } }, 'not-found', 'none'],
  ['a place out of reach', { isSeen: () => false }, 'not-found', 'room'],
] satisfies [string, Partial<ReportQuery>, string, string][])('refuses %s', async (_, given, code, told) => {
  await expect(ask(given)).rejects.toThrow(told)
  await expect(ask(given)).rejects.toMatchObject({ code })
})

test('refuses more excursions than anybody reads', async () => {
  const [row] = (await ask({})).rows
  if (row === undefined) throw new Error('there is one')
  const startMs = at(600)
  const put = Array.from({ length: 10_001 }, (_, index) => {
    const id = index.toString(16).padStart(16, '0')
    const own = { id, point: 'p-2', startMs: startMs + index, endMs: startMs + index + 1 }
    return { finding: { ...row.finding, ...own }, asOfMs: at(1_440) }
  })
  stage.store.transact((tx) => {
    tx.savePointOutcome({ removed: [], put, changes: [], factVersion: 1, recordedAtMs: at(1_440) })
  })
  const period = { fromMs: startMs, toMs: startMs + 10_000 }
  expect((await ask(period)).rows).toHaveLength(10_000)
  await expect(ask({ ...period, toMs: startMs + 10_001 })).rejects.toMatchObject({
    code: 'bad-request',
    message: 'The report would have more than 10000 findings.',
  })
})

test('refuses more days of points than are counted at once', async () => {
  const fromMs = at(-366 * 24 * 60)
  const large = {
    id: 'large',
    site: 's',
    parent: null,
    kind: 'cold-room',
    name: '大库',
    fromMs,
    reason,
  } as const
  await stage.command('place.create', large)
  const toMs = at(0)
  for (let count = 1; count <= 11; count += 1) {
    const point = { id: `large-${count}`, place: 'large', name: '点', role: 'air', fromMs, reason } as const
    await stage.command('point.create', point)
  }
  await expect(ask({ subject: { by: 'place', place: 'large' }, fromMs, toMs })).rejects.toMatchObject({
    code: 'bad-request',
    message: 'The report takes 4026 days of points; one report has 4000 at most.',
  })
})

test('refuses a fifth report while four are being made', async () => {
  const { reads, findings, view } = stage
  const ready = Promise.withResolvers<void>()
  const answers = reportAnswers({
    reads,
    findings,
    view,
    viewReady: () => ready.promise,
    incidentsOf: () => Promise.resolve(new Map()),
    seenFrom: () => () => true,
  })
  const asked = {
    subject: { by: 'place', place: 'room' },
    scopes: ['root'],
    fromMs: at(0),
    toMs: at(120),
    asOfMs: at(24 * 60),
    format: 'json',
    language: 'zh',
    by: { actor: 'user:u', name: '王芳' },
  } as const
  const made = [1, 2, 3, 4].map(() => answers['report.excursions'](asked))
  await expect(answers['report.excursions'](asked)).rejects.toMatchObject({ code: 'too-many-requests' })
  ready.resolve()
  const [first, ...others] = await Promise.all(made)
  expect(others.every((bytes) => Buffer.compare(bytes, first ?? new Uint8Array()) === 0)).toBe(true)
  expect(await answers['report.excursions'](asked)).toEqual(first)
})

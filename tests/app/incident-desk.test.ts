import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../domain/index.ts'
import type { NewFindingChange } from '../../store/index.ts'
import { type DeskStage, excursion, openDeskStage } from './desk-stage.ts'

const MINUTE_MS = 60_000
/** Of the packs that come along: refrigerators of China. */
const PLAIN_RULE = 'cn-gsp-storage/warm-range'
const over = { open: false, endReason: 'recovered' } as const

let stage: DeskStage
beforeEach(async () => {
  stage = await openDeskStage()
})
afterEach(() => stage.close())

const someone = (more: object = {}) =>
  stage.command('recipient.create', { place: 'fridge', name: '李', channel: 'console', ...more })
const opened = (finding: Finding): NewFindingChange => ({ kind: 'opened', finding, replaces: [] })
const closed = (finding: Finding): NewFindingChange => {
  const endMs = stage.wall.nowMs()
  return { kind: 'closed', finding: { ...finding, ...over, endMs }, replaces: [] }
}
const moved = (finding: Finding, ...replaces: string[]): NewFindingChange => ({
  kind: 'replaced',
  finding,
  replaces,
})
/** Changes of another place, more than the desk takes at a time. */
const many = (): readonly NewFindingChange[] =>
  Array.from({ length: 150 }, (_, no) => opened(excursion(`other-${no}`, { place: 'freezer' })))

describe('nobody is left uncalled', () => {
  test('when recipients are entered only after the excursion was seen', async () => {
    stage.judged(opened(excursion('f')))
    await stage.start()
    const [before] = await stage.incidents()
    expect(before).toMatchObject({ state: 'raised', open: 1, told: 0, calledMs: null })
    expect(new Set(stage.errors)).toEqual(new Set(['nobody is called: the place has no recipients']))
    const acts = await stage.acts()
    await stage.pass(10 * MINUTE_MS)
    expect(await stage.acts()).toBe(acts)
    expect(stage.errors.length).toBeLessThan(15)
    await someone()
    await stage.wake()
    expect(await stage.messages()).toEqual(['incident-raised waiting'])
    expect(await stage.incidents()).toMatchObject([{ told: 1, calledGrade: 'alarm', callDueMs: null }])
  })

  test('when one person is entered twice, with hours of which only the first are now', async () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
    const phone = { channel: 'http', address: '13800138000' }
    await someone({ ...phone, hours: [{ days, from: '09:00', to: '11:00' }] })
    await someone({ ...phone, hours: [{ days, from: '20:00', to: '21:00' }] })
    await someone()
    stage.judged(opened(excursion('f')))
    await stage.start()
    expect(await stage.messages()).toEqual(['incident-raised waiting', 'incident-raised waiting'])
  })

  test('when the clock was set back after the last act', async () => {
    await someone()
    stage.setBack(60 * MINUTE_MS)
    stage.judged(opened(excursion('f')))
    await stage.start()
    expect(await stage.send()).toEqual(['incident-raised'])
  })

  test('when the clock is set back while a message waits to be tried again', async () => {
    await someone()
    stage.judged(opened(excursion('f')))
    await stage.start()
    const [due] = await stage.outbox.due('console', stage.wall.nowMs(), 1)
    const later = { kind: 'later', dueMs: stage.wall.nowMs() + 5 * MINUTE_MS, reason: 'busy' } as const
    await stage.outbox.settle(due?.message.id ?? '', later)
    expect(await stage.send()).toEqual([])
    stage.setBack(60 * MINUTE_MS)
    expect(await stage.send()).toEqual(['incident-raised'])
  })

  test('when the clock is set back while a call waits', async () => {
    await someone()
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    await stage.send()
    stage.judged(closed(finding))
    await stage.wake()
    stage.judged(opened(finding))
    await stage.wake()
    expect(await stage.send()).toEqual(['incident-over'])
    stage.setBack(60 * MINUTE_MS)
    await stage.pass(7 * MINUTE_MS)
    expect(await stage.send()).toEqual(['incident-again'])
  })

  test('when another place cannot be brought in order', async () => {
    await someone()
    await someone({ place: 'freezer' })
    // no clock shows this instant, so no message can be written of it
    const broken = excursion('g', { place: 'freezer', startMs: Number.MIN_SAFE_INTEGER })
    stage.judged(opened(broken), opened(excursion('f')))
    await stage.start()
    expect(await stage.send()).toEqual(['incident-raised'])
    expect(await stage.incidents('freezer')).toEqual([])
    expect(stage.errors.length).toBeGreaterThan(0)
    // after a crash too
    await stage.stop()
    stage.judged({ kind: 'changed', finding: { ...broken, startMs: stage.wall.nowMs() }, replaces: [] })
    await stage.start()
    expect(await stage.incidents('freezer')).toMatchObject([{ told: 1 }])
    expect(await stage.send()).toEqual(['incident-raised'])
    expect(await stage.incidents()).toHaveLength(1)
  })

  test('once the place that could not be brought in order can be', async () => {
    await someone({ place: 'freezer' })
    const broken = excursion('g', { place: 'freezer', startMs: Number.MIN_SAFE_INTEGER })
    stage.judged(opened(broken))
    await stage.start()
    stage.judged({ kind: 'changed', finding: { ...broken, startMs: stage.wall.nowMs() }, replaces: [] })
    await stage.wake()
    await stage.pass(MINUTE_MS)
    expect(await stage.send()).toEqual(['incident-raised'])
  })

  test('who was told that it is over by a message that still waits when it is not any more', async () => {
    await someone()
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    await stage.send()
    stage.judged(closed(finding))
    await stage.pass(10 * MINUTE_MS)
    await stage.wake()
    stage.judged(opened(finding))
    await stage.wake()
    expect(await stage.messages()).toEqual([
      'incident-raised sent',
      'incident-over superseded',
      'incident-again waiting',
    ])
    await stage.send()
    stage.judged(closed(finding))
    await stage.wake()
    expect(await stage.send()).toEqual(['incident-over'])
  })
})

describe('nobody is called twice for the same', () => {
  test('when a correction comes in the next batch of changes', async () => {
    await someone()
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    await stage.send()
    const [incident] = await stage.incidents()
    await stage.command('incident.acknowledge', { id: incident?.id ?? '' })
    await stage.stop()
    const peak: NewFindingChange = { kind: 'changed', finding, replaces: [] }
    stage.judged(peak, ...many(), moved(excursion('f-1'), 'f'), moved(excursion('f-2'), 'f-1'))
    await stage.start()
    expect(await stage.incidents()).toMatchObject([{ state: 'acknowledged', open: 1 }])
    expect(await stage.links(incident?.id ?? '')).toEqual(['f', 'f-2'])
    expect(await stage.send()).toEqual([])
  })

  test('when a rule gives way to another one in the next batch of changes', async () => {
    await someone()
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    await stage.send()
    const [incident] = await stage.incidents()
    await stage.command('incident.acknowledge', { id: incident?.id ?? '' })
    await stage.stop()
    stage.judged({ kind: 'withdrawn', finding, replaces: [] }, ...many(), opened(excursion('g')))
    await stage.start()
    expect(await stage.incidents()).toMatchObject([{ state: 'acknowledged', open: 1 }])
    expect(await stage.send()).toEqual([])
  })

  test('nor is anything listed anew when it is moved twice, and changed, while the desk is away', async () => {
    await someone()
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    await stage.send()
    const [incident] = await stage.incidents()
    await stage.command('incident.acknowledge', { id: incident?.id ?? '' })
    stage.judged(closed(finding))
    await stage.wake()
    await stage.stop()
    const end = { ...over, endMs: stage.wall.nowMs() }
    const last = excursion('f-2', end)
    stage.judged(moved(excursion('f-1', end), 'f'), moved(last, 'f-1'), {
      kind: 'changed',
      finding: last,
      replaces: [],
    })
    await stage.start()
    expect(await stage.incidents()).toMatchObject([{ state: 'resolved' }])
    expect(await stage.links(incident?.id ?? '')).toEqual(['f', 'f-2'])
  })
})

describe('what is told is so', () => {
  test('of what is back as a warning and becomes an alarm', async () => {
    await someone()
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    stage.judged(closed(finding))
    await stage.send()
    await stage.wake()
    await stage.send()
    await stage.pass(10 * MINUTE_MS)
    stage.judged(opened(excursion('g', { level: 'critical' })))
    await stage.wake()
    expect(await stage.send()).toEqual(['incident-again'])
    stage.judged(opened(excursion('h')))
    await stage.wake()
    expect(await stage.send()).toEqual(['incident-worse'])
  })

  test('of what a correction took back, that it never was', async () => {
    await someone({ language: 'en' })
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    await stage.send()
    stage.judged({ kind: 'withdrawn', finding, replaces: [] })
    await stage.wake()
    const [text = ''] = await stage.texts('incident-withdrawn')
    expect(text).not.toMatch(/°C|back in range/i)
  })

  test('of the label of a product that begins to count, its limit, once', async () => {
    await someone({ language: 'en' })
    const finding = excursion('f')
    stage.judged(opened(finding), opened(excursion('warmer', { peakMilliC: 9_500 })))
    await stage.start()
    await stage.send()
    const [incident] = await stage.incidents()
    await stage.command('incident.acknowledge', { id: incident?.id ?? '' })
    const labelled = excursion('g', { rule: PLAIN_RULE, labelProduct: 'v', labelMilliC: 6_000 })
    stage.judged(closed(finding), opened(labelled))
    await stage.wake()
    expect(await stage.send()).toEqual(['incident-worse'])
    const [text = ''] = await stage.texts('incident-worse')
    expect(text).toContain('9.0')
    expect(text).toMatch(/label.*6\.0/)
    // the stock is taken out, and put in again
    stage.judged(closed(labelled), opened(excursion('h')))
    await stage.wake()
    stage.judged(opened(excursion('i', { ...labelled, id: 'i' })))
    await stage.wake()
    expect(await stage.send()).toEqual([])
  })

  test('of a label that nobody could be reached for, and of one that somebody took', async () => {
    await someone()
    const labelled = { labelProduct: 'v', labelMilliC: 6_000 }
    stage.judged(opened(excursion('f', labelled)))
    await stage.start()
    const [due] = await stage.outbox.due('console', stage.wall.nowMs(), 1)
    await stage.outbox.settle(due?.message.id ?? '', { kind: 'failed', reason: 'no such number' })
    expect(await stage.incidents()).toMatchObject([{ labelMilliC: 6_000, calledLabelMilliC: null, told: 0 }])
    const [incident] = await stage.incidents()
    await stage.command('incident.acknowledge', { id: incident?.id ?? '' })
    await stage.wake()
    expect(await stage.incidents()).toMatchObject([{ calledLabelMilliC: 6_000, told: 1 }])
    expect(await stage.send()).toEqual([])
  })

  test('of a suspicion that is confirmed, its grade', async () => {
    await someone()
    const finding = excursion('f', { state: 'suspected', alarmMs: null })
    stage.judged(opened(finding))
    await stage.start()
    expect(await stage.incidents()).toMatchObject([{ grade: 'warning' }])
    stage.judged({ kind: 'changed', finding: excursion('f'), replaces: [] })
    await stage.wake()
    expect(await stage.incidents()).toMatchObject([{ grade: 'alarm', calledGrade: 'alarm' }])
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChannelName, Finding } from '../../domain/index.ts'
import type { NewFindingChange } from '../../store/index.ts'
import { type DeskStage, excursion, openDeskStage } from './desk-stage.ts'

const MINUTE_MS = 60_000

let stage: DeskStage
beforeEach(async () => {
  stage = await openDeskStage()
})
afterEach(() => stage.close())

const someone = (more: object = {}) =>
  stage.command('recipient.create', { place: 'fridge', name: '李', channel: 'console', ...more })
const opened = (finding: Finding): NewFindingChange => ({ kind: 'opened', finding, replaces: [] })

describe('a call that reached nobody', () => {
  const settleAll = async (kind: 'failed' | 'sent', channel: ChannelName = 'console') => {
    const due = await stage.outbox.due(channel, stage.wall.nowMs(), 10)
    for (const { message } of due) {
      await stage.outbox.settle(
        message.id,
        kind === 'sent' ? { kind, reference: null } : { kind, reason: 'given up' },
      )
    }
    return due.map(({ message }) => message.template)
  }

  test('is made again while it is out and nobody has taken it, and not too often', async () => {
    await someone()
    const finding = excursion('f')
    stage.judged(opened(finding))
    await stage.start()
    expect(await settleAll('failed')).toEqual(['incident-raised'])
    expect(await stage.incidents()).toMatchObject([{ told: 0, calledGrade: null }])
    await stage.pass(2 * MINUTE_MS)
    stage.judged({ kind: 'changed', finding: { ...finding, peakMilliC: 9_500 }, replaces: [] })
    await stage.wake()
    expect(await settleAll('failed')).toEqual([])
    await stage.pass(15 * MINUTE_MS)
    expect(await settleAll('sent')).toEqual(['incident-raised'])
    await stage.pass(60 * MINUTE_MS)
    expect(await settleAll('sent')).toEqual([])
    expect(await stage.incidents()).toMatchObject([{ told: 1, calledGrade: 'alarm' }])
  })

  test('is made again when the only one who was called never got it', async () => {
    await someone({ channel: 'http', address: '13800138000' })
    stage.judged(opened(excursion('f')))
    await stage.start()
    const [due] = await stage.outbox.due('http', stage.wall.nowMs(), 1)
    await settleAll('sent', 'http')
    const receipt = {
      message: due?.message.id ?? '',
      state: 'undelivered',
      atMs: stage.wall.nowMs(),
    } as const
    await stage.command('message.receipt', receipt)
    await stage.pass(16 * MINUTE_MS)
    expect(await settleAll('sent', 'http')).toEqual(['incident-raised'])
  })

  test('is not made to somebody who is called no more, but to whom came instead', async () => {
    const wrong = await someone({ channel: 'http', address: '13800138000' })
    stage.judged(opened(excursion('f')))
    await stage.start()
    const [due] = await stage.outbox.due('http', stage.wall.nowMs(), 1)
    await stage.command('recipient.end', { id: wrong.id, reason: 'a wrong number' })
    expect(await stage.outbox.due('http', stage.wall.nowMs(), 1)).toEqual([])
    await someone()
    await stage.pass(16 * MINUTE_MS)
    expect(await settleAll('sent')).toEqual(['incident-raised'])
    expect(await stage.messages()).toEqual(['incident-raised superseded', 'incident-raised sent'])
    await stage.outbox.settle(due?.message.id ?? '', { kind: 'failed', reason: 'gone' })
    expect(await stage.messages()).toEqual(['incident-raised superseded', 'incident-raised sent'])
  })

  test('is not made again once somebody has taken it', async () => {
    await someone()
    stage.judged(opened(excursion('f')))
    await stage.start()
    await settleAll('failed')
    const [incident] = await stage.incidents()
    await stage.command('incident.acknowledge', { id: incident?.id ?? '' })
    await stage.pass(60 * MINUTE_MS)
    expect(await settleAll('sent')).toEqual([])
  })

  test('is not made again while somebody else was reached', async () => {
    await someone()
    await someone({ channel: 'mail', address: 'oncall@example.org' })
    stage.judged(opened(excursion('f')))
    await stage.start()
    expect(await settleAll('sent')).toEqual(['incident-raised'])
    const [mail] = await stage.outbox.due('mail', stage.wall.nowMs(), 1)
    await stage.outbox.settle(mail?.message.id ?? '', { kind: 'failed', reason: 'given up' })
    await stage.pass(60 * MINUTE_MS)
    expect(await settleAll('sent')).toEqual([])
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding } from '../../domain/index.ts'
import { gradeOf, labelOfFinding } from '../../domain/index.ts'
import type { NewFindingChange } from '../../store/index.ts'
import { type DeskStage, excursion, openDeskStage } from '../app/desk-stage.ts'

const MINUTE_MS = 60_000
const QUIET_MINUTES = 25

/** What happens at a fridge; `pick` says to which finding. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('open', 'open', 'close', 'withdraw', 'move', 'confirm', 'reopen'),
      pick: fc.nat(20),
      level: fc.constantFrom('critical', 'range'),
      state: fc.constantFrom('suspected', 'confirmed'),
      labelMilliC: fc.constantFrom(undefined, undefined, 7_000, 6_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crowd') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('desk', 'send', 'fail', 'retry', 'take', 'restart', 'pause', 'set-back'),
      pick: fc.nat(20),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

test('what is open is in one incident, and somebody was called for it or has taken it', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), live), { numRuns: 20 })
}, 120_000)

async function live(steps: readonly Step[]): Promise<void> {
  const stage = await openDeskStage()
  try {
    await stage.command('recipient.create', { place: 'fridge', name: '李', channel: 'console' })
    await stage.start()
    const fridge = new Fridge()
    for (const [no, each] of steps.entries()) {
      const change = fridge.changeOf(each, no)
      if (change !== undefined) stage.judged(change)
      else if (each.kind === 'crowd') stage.judged(...crowd(no))
      else await happen(stage, each)
    }
    await stage.start()
    await quiet(stage)
    await check(stage, fridge)
    // whatever went before, a label that is tighter than any is called for
    stage.judged(fridge.put('opened', excursion('last', { labelProduct: 'w', labelMilliC: 5_000 })))
    await quiet(stage)
    await check(stage, fridge)
  } finally {
    await stage.close()
  }
}

async function quiet(stage: DeskStage): Promise<void> {
  for (let minute = 0; minute < QUIET_MINUTES; minute += 1) {
    await stage.pass(MINUTE_MS)
    await stage.send()
  }
}

async function check(stage: DeskStage, { open }: Fridge): Promise<void> {
  const unresolved = (await stage.incidents()).filter(({ state }) => state !== 'resolved')
  expect(unresolved.length).toBeLessThanOrEqual(1)
  const [incident] = unresolved
  expect(incident?.open ?? 0).toBe(open.size > 0 ? 1 : 0)
  if (open.size === 0) return
  expect(await stage.links(incident?.id ?? '')).toEqual(expect.arrayContaining([...open.keys()]))
  const labels = [...open.values()].flatMap((each) => labelOfFinding(each)?.limitMilliC ?? [])
  if (labels.length > 0)
    expect(incident?.calledLabelMilliC ?? Infinity).toBeLessThanOrEqual(Math.min(...labels))
  if (incident?.state === 'acknowledged') return
  expect(incident).toMatchObject({ told: 1, callDueMs: null })
  if ([...open.values()].some((each) => gradeOf(each) === 'alarm'))
    expect(incident?.calledGrade).toBe('alarm')
  const messages = await stage.messages()
  const last = messages.filter((each) => !/superseded|failed/.test(each)).at(-1)
  expect(last).toMatch(/^incident-(?:raised|worse|again) sent$/)
}

/** The findings of the fridge as the judge would keep them. */
class Fridge {
  readonly open = new Map<string, Finding>()
  readonly #over: Finding[] = []

  /** Undefined where nothing changes. */
  changeOf(step: Step, no: number): NewFindingChange | undefined {
    if (step.kind === 'open' && 'level' in step) {
      const { level, state, labelMilliC } = step
      const label = labelMilliC === undefined ? {} : { labelProduct: 'v', labelMilliC }
      return this.put('opened', excursion(`f-${no}`, { level, state, ...label }))
    }
    if (step.kind === 'reopen') {
      const over = this.#over.pop()
      return over && this.put('changed', { ...over, open: true, endMs: null, endReason: null })
    }
    const finding =
      'pick' in step ? [...this.open.values()][step.pick % Math.max(this.open.size, 1)] : undefined
    if (finding === undefined) return undefined
    if (step.kind === 'confirm') return this.put('changed', { ...finding, state: 'confirmed' })
    if (step.kind === 'move') {
      this.open.delete(finding.id)
      return this.put('replaced', { ...finding, id: `f-${no}` }, [finding.id])
    }
    if (step.kind !== 'close' && step.kind !== 'withdraw') return undefined
    this.open.delete(finding.id)
    if (step.kind === 'withdraw') return { kind: 'withdrawn', finding, replaces: [] }
    const over = { ...finding, open: false, endMs: finding.startMs + 60_000, endReason: 'recovered' } as const
    this.#over.push(over)
    return { kind: 'closed', finding: over, replaces: [] }
  }

  put(kind: NewFindingChange['kind'], finding: Finding, replaces: readonly string[] = []): NewFindingChange {
    this.open.set(finding.id, finding)
    return { kind, finding, replaces }
  }
}

/** Changes of another place, more than the desk takes at a time. */
function crowd(no: number): readonly NewFindingChange[] {
  return Array.from({ length: 100 }, (_, each) => ({
    kind: 'opened',
    finding: excursion(`other-${no}-${each}`, { place: 'freezer' }),
    replaces: [],
  }))
}

async function happen(stage: DeskStage, { kind, ...step }: Step): Promise<void> {
  const pick = 'pick' in step ? step.pick : 0
  if (kind === 'desk') await stage.wake()
  if (kind === 'send') await stage.send()
  if (kind === 'pause') await stage.pass(pick * MINUTE_MS)
  if (kind === 'set-back') stage.setBack(pick * MINUTE_MS)
  if (kind === 'restart') await (pick % 2 === 0 ? stage.stop() : stage.start())
  if (kind === 'take') {
    const incident = (await stage.incidents()).find(({ state }) => state === 'raised')
    if (incident !== undefined) await stage.command('incident.acknowledge', { id: incident.id })
  }
  if (kind !== 'fail' && kind !== 'retry') return
  const nowMs = stage.wall.nowMs()
  const [due] = await stage.outbox.due('console', nowMs, 1)
  const reason = 'busy'
  const dueMs = nowMs + (pick % 5) * MINUTE_MS
  const result =
    kind === 'fail' ? ({ kind: 'failed', reason } as const) : ({ kind: 'later', dueMs, reason } as const)
  if (due !== undefined) await stage.outbox.settle(due.message.id, result)
}

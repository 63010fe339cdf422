import fc from 'fast-check'
import { type IncidentFact, type IncidentStep, Problem, type RecipientFact } from '../../domain/index.ts'
import {
  createFactsView,
  type FactsView,
  type NewMessage,
  openDeskStore,
  openOutbox,
} from '../../store/index.ts'
import { type FactsHarness, MINUTE_MS } from '../store/facts/setup.ts'

/** One thing the desk, the notifier, a gateway or somebody does; `index` picks among those there are. */
export interface IncidentDoing {
  readonly kind: (typeof kinds)[number]
  readonly place: string
  readonly cause: 'warm' | 'cold'
  readonly grade: 'alarm' | 'warning'
  readonly index: number
  readonly isGood: boolean
}

const kinds = [
  'recipient',
  'recipient',
  'end-recipient',
  'test-recipient',
  'raise',
  'raise',
  'join',
  'attach',
  'reopen',
  'wait',
  'call',
  'call',
  'over',
  'resolve',
  'acknowledge',
  'resolve-by-hand',
  'mute',
  'settle',
  'settle',
  'later',
  'receipt',
  'clock',
] as const

/** Incidents and messages, one thing after the other, at the places of `furnish`. */
export const incidentDoings = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    place: fc.constantFrom('room', 'fridge'),
    cause: fc.constantFrom('warm', 'cold'),
    grade: fc.constantFrom('alarm', 'warning'),
    index: fc.nat(5),
    isGood: fc.boolean(),
  }),
  { minLength: 10, maxLength: 60, size: 'max' },
)

/** Carries out such things on the facts of a harness, with the stores that do them in the product. */
export async function incidentDoer(harness: FactsHarness): Promise<(doing: IncidentDoing) => Promise<void>> {
  const { facts, clock, random } = harness
  const view = createFactsView()
  view.load(await facts.snapshot())
  facts.onChange((change) => {
    view.apply(change)
  })
  const outbox = openOutbox(facts)
  const settle = async ({ index, isGood, kind }: IncidentDoing): Promise<void> => {
    const due = await outbox.due(isGood ? 'http' : 'mail', clock.now, 10)
    const id = due[index % Math.max(due.length, 1)]?.message.id
    if (id === undefined) return
    if (kind === 'later') await outbox.settle(id, { kind, dueMs: clock.now + MINUTE_MS, reason: 'busy' })
    else if (index < 3) await outbox.settle(id, { kind: 'sent', reference: 'r-1' })
    else await outbox.settle(id, { kind: 'failed', reason: 'no such number' })
  }
  return async (doing) => {
    const { kind, place, index, isGood } = doing
    const reason = 'because'
    const pick = (table: string): string => {
      const all = harness.rows(`select distinct id from "${table}" order by rowid`)
      return String(all[index % Math.max(all.length, 1)]?.['id'])
    }
    const said = { subject: '测试', text: '通知测试', variables: { code: '1' } }
    const others = {
      recipient: () => harness.do('recipient.create', { place, name: '值班', ...reached(doing) }),
      'end-recipient': () => harness.do('recipient.end', { id: pick('recipient'), reason }),
      'test-recipient': () => harness.do('recipient.test', { id: pick('recipient'), ...said }),
      acknowledge: () => harness.do('incident.acknowledge', { id: pick('incident') }),
      'resolve-by-hand': () => harness.do('incident.resolve', { id: pick('incident'), reason }),
      mute: () => harness.do('incident.mute', { id: pick('incident') }),
      settle: () => settle(doing),
      later: () => settle(doing),
      receipt: () => {
        const state = isGood ? 'delivered' : 'undelivered'
        return harness.do('message.receipt', { message: pick('message'), state, atMs: clock.now })
      },
      clock: async () => (clock.now += index * MINUTE_MS),
    } as const
    try {
      if (Object.hasOwn(others, kind)) await others[kind as keyof typeof others]()
      else await openDeskStore(facts, random).step((tx) => atTheDesk(tx, view, doing, pick('incident')))
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code === 'internal') throw thrown
    }
  }
}

function reached({ isGood, index }: IncidentDoing) {
  const hours = index > 3 ? [{ days: ['mon', 'sun'] as const, from: '22:00', to: '06:00' }] : []
  return isGood
    ? ({ channel: 'http', address: `1380013800${index}`, hours } as const)
    : ({ channel: 'mail', address: `li-${index}@example.org`, language: 'en', hours } as const)
}

type Desk = Parameters<Parameters<ReturnType<typeof openDeskStore>['step']>[0]>[0]

/** What the desk does, where it makes sense; what does not is left. */
async function atTheDesk(tx: Desk, view: FactsView, doing: IncidentDoing, some: string): Promise<void> {
  const { kind, place, cause, index } = doing
  const findings = [`f-${index}`, `f-${index + 10}`]
  await tx.setCursor(index)
  if (kind === 'attach') {
    if (view.incident(some)?.state === 'resolved') await tx.attach(some, findings)
    return
  }
  const incident = view.unresolvedIncident(place, cause)
  const step = stepOf(doing, incident, findings)
  if (step === undefined) return
  const tells = step.kind === 'call' || step.kind === 'over'
  const messages = tells ? view.recipientsOf(place).map((each) => messageTo(each, step)) : []
  await tx.apply(incident, step, messages)
}

function stepOf(
  { kind, place, cause, grade, isGood, index }: IncidentDoing,
  incident: IncidentFact | undefined,
  findings: readonly string[],
): IncidentStep | undefined {
  const labelMilliC = isGood ? index * 1_000 : null
  if (incident === undefined) {
    return kind === 'raise' ? { kind, place, cause, grade, labelMilliC, open: isGood, findings } : undefined
  }
  if (kind === 'join') return { kind, grade, labelMilliC, findings }
  if (kind === 'reopen') return { kind }
  if (kind === 'wait') return { kind, callDueMs: isGood ? index * MINUTE_MS : null }
  if (kind === 'call') return { kind, grade, labelMilliC, template: 'incident-raised' }
  if (kind === 'over') return { kind, tell: isGood, seenLate: !isGood }
  return kind === 'resolve' ? { kind, resolution: isGood ? 'recovered' : 'withdrawn' } : undefined
}

function messageTo(recipient: RecipientFact, { kind }: IncidentStep): NewMessage {
  const said = { subject: '报警', text: '偏高 9.0 ℃', variables: { value: '9.0' } }
  const template = kind === 'over' ? 'incident-over' : 'incident-raised'
  return { recipient, template, grade: 'alarm', outsideHours: false, ...said }
}

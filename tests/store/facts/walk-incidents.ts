import type { IncidentStep } from '../../../domain/index.ts'
import { type Facts, type IncidentCommands, type NewMessage, openDeskStore } from '../../../store/index.ts'
import { type Doer, START_MS } from './setup.ts'

const reason = 'because'
/** Ids the desk of the walk gives: incidents and a message, in this order. */
const ids = { open: 'i0101010101010101', message: 'm0202020202020202', over: 'i0303030303030303' }

/** Somebody to call at `box`, an incident that is open and was called for, and one that is over. */
export async function prepareIncidents(harness: Doer, facts: Facts): Promise<void> {
  const recipient = await harness.do('recipient.create', {
    place: 'box',
    name: '值班',
    channel: 'http',
    address: '13800138000',
    hours: [{ days: ['mon'], from: '08:00', to: '17:00' }],
  })
  let count = 0
  const desk = openDeskStore(facts, { bytes: (bytes) => new Uint8Array(bytes).fill(++count) })
  const said = { subject: '报警', text: '偏高 9.0 ℃', variables: { value: '9.0' } }
  const call: NewMessage = {
    recipient,
    template: 'incident-raised',
    grade: 'alarm',
    outsideHours: false,
    ...said,
  }
  await desk.step(async (tx) => {
    const raised = await tx.apply(undefined, raise('warm', true, ['f-1']), [])
    await tx.apply(raised, { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-raised' }, [
      call,
    ])
    await tx.apply(undefined, raise('cold', false, ['f-2']), [])
    await tx.setCursor(7)
  })
}

function raise(cause: 'warm' | 'cold', open: boolean, findings: readonly string[]): IncidentStep {
  return { kind: 'raise', place: 'box', cause, grade: 'alarm', labelMilliC: null, open, findings }
}

/** Every command about incidents with what it takes to be carried out, once they are prepared. */
export function walkIncidents(harness: Doer): {
  readonly [N in keyof IncidentCommands]: () => Promise<unknown>
} {
  let recipient = ''
  return {
    'recipient.create': async () => {
      const made = { place: 'box', name: '夜班', channel: 'mail', address: 'night@example.org' } as const
      recipient = (await harness.do('recipient.create', made)).id
    },
    'recipient.test': () =>
      harness.do('recipient.test', { id: recipient, subject: '测试', text: '通知测试', variables: {} }),
    'recipient.end': () => harness.do('recipient.end', { id: recipient, reason }),
    'message.receipt': () =>
      harness.do('message.receipt', { message: ids.message, state: 'delivered', atMs: START_MS }),
    'incident.mute': () => harness.do('incident.mute', { id: ids.open }),
    'incident.acknowledge': () => harness.do('incident.acknowledge', { id: ids.open }),
    'incident.resolve': () => harness.do('incident.resolve', { id: ids.over, reason }),
  }
}

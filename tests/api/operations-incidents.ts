import { randomBytes } from 'node:crypto'
import type { IncidentFact } from '../../domain/index.ts'
import { openDeskStore } from '../../store/index.ts'
import type { RequestMaker } from './operations.ts'
import { cheapHash, organisations, PASSWORD, type Stage } from './stage.ts'

const reason = 'tested'
const nothing = {}

/** Gives every organisation of a furnished stage somebody who is called, and an incident they were called for. */
export async function callTheStage(stage: Stage): Promise<void> {
  for (const organisation of organisations) {
    await newRecipient(stage, organisation)
    await newIncident(stage, organisation, true)
  }
}

async function newRecipient({ command }: Stage, organisation: string | null) {
  const place = `${organisation}-place`
  return command('recipient.create', {
    place,
    name: '值班',
    channel: 'http',
    address: '+8613800138000',
    hours: [{ days: ['mon', 'sun'], from: '17:00', to: '08:00' }],
  })
}

/** Raises an incident at the organisation's place, calls for it and, when it is not to stay open, ends it. */
export async function newIncident(
  { facts, view }: Stage,
  organisation: string | null,
  staysOpen: boolean,
): Promise<IncidentFact> {
  const place = `${organisation}-place`
  const desk = openDeskStore(facts, { bytes: (count) => randomBytes(count) })
  // as the audit trail of a city does: any number of them, each of its own findings
  const findings = [Buffer.from(`${organisation}`.padEnd(8)).toString('hex')]
  return desk.step(async (tx) => {
    const raise = {
      kind: 'raise',
      place,
      cause: 'warm',
      grade: 'alarm',
      labelMilliC: null,
      open: true,
      findings,
    } as const
    const raised = await tx.apply(undefined, raise, [])
    const messages = view.recipientsOf(place).map((recipient) => ({
      recipient,
      template: 'incident-raised' as const,
      grade: 'alarm' as const,
      subject: '报警',
      text: '报警 偏高 9.0 ℃',
      variables: { value: '9.0' },
      outsideHours: true,
    }))
    const called = await tx.apply(
      raised,
      { kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-raised' },
      messages,
    )
    return staysOpen ? called : tx.apply(called, { kind: 'over', tell: false, seenLate: false }, [])
  })
}

/** Valid requests about incidents and who is called, for `operations`. */
export const incidentOperations: Readonly<Record<string, RequestMaker>> = {
  listIncidents: () => nothing,
  showIncident: async (stage, organisation) => ({
    url: `/api/v1/incidents/${(await newIncident(stage, organisation, true)).id}`,
  }),
  acknowledgeIncident: async (stage, organisation) => ({
    url: `/api/v1/incidents/${(await newIncident(stage, organisation, true)).id}/acknowledge`,
    payload: { reason },
  }),
  resolveIncident: async (stage, organisation) => ({
    url: `/api/v1/incidents/${(await newIncident(stage, organisation, false)).id}/resolve`,
    payload: { reason },
  }),
  muteIncident: async (stage, organisation) => ({
    url: `/api/v1/incidents/${(await newIncident(stage, organisation, true)).id}/mute`,
  }),
  showActor: async ({ command }, _organisation, name) => {
    const { id } = await command('user.create', { name, passwordHash: cheapHash(PASSWORD) })
    return { url: `/api/v1/actors/user:${id}` }
  },
  listRecipients: () => nothing,
  createRecipient: (_stage, organisation) => ({
    payload: { place: `${organisation}-place`, name: '夜班', channel: 'mail', address: 'night@example.org' },
  }),
  testRecipient: async (stage, organisation) => ({
    url: `/api/v1/recipients/${(await newRecipient(stage, organisation)).id}/test`,
  }),
  endRecipient: async (stage, organisation) => ({
    url: `/api/v1/recipients/${(await newRecipient(stage, organisation)).id}/end`,
    payload: { reason },
  }),
}

import {
  type Clock,
  findingKinds,
  type HeldReason,
  heldReasons,
  type IncidentFact,
  incidentStates,
  messageStates,
} from '../../../domain/index.ts'
import type { CanonicalReads, FactsReads, FactsView, FindingReads } from '../../../store/index.ts'
import type { Configuration } from '../../config/index.ts'
import { diskSpace } from '../../disk-space.ts'
import type { DataLayout } from '../../layout.ts'
import type { Sample } from '../../metrics/definitions.ts'
import { storeBytes } from '../../store-bytes.ts'

/** What is counted in the stores. */
export interface StoreParts {
  readonly configuration: Configuration
  readonly layout: DataLayout
  readonly reads: Pick<CanonicalReads, 'totals' | 'heldSlice' | 'sensorsAtFault'>
  readonly findings: Pick<FindingReads, 'openByKind'>
  readonly facts: Pick<FactsReads, 'numbers'>
  readonly view: Pick<FactsView, 'unresolvedIncidents' | 'recipientsOf' | 'place'>
  readonly clock: Clock
}

/** Messages of a day: what went wrong a week ago needs nobody now. */
const MESSAGES_MS = 24 * 3_600_000

/** Counts of what is stored. It goes through whole tables, between which others are answered. */
export async function storeSamples(parts: StoreParts): Promise<readonly Sample[]> {
  const { reads, findings, clock } = parts
  const samples: Sample[] = [...balanceSamples(reads)]
  await clock.sleep(0)
  for (const reason of Object.keys(heldReasons) as readonly HeldReason[]) {
    const value = await heldFor(parts, reason)
    if (value > 0) samples.push({ name: 'isotherm_held_readings', labels: { reason }, value })
  }
  await clock.sleep(0)
  samples.push({ name: 'isotherm_sensors_at_fault', value: reads.sensorsAtFault() })
  await clock.sleep(0)
  const open = findings.openByKind()
  for (const kind of findingKinds) {
    samples.push({ name: 'isotherm_findings_open', labels: { kind }, value: open[kind] ?? 0 })
  }
  samples.push(...incidentSamples(parts), ...(await messageSamples(parts)), ...(await diskSamples(parts)))
  return samples
}

/** Slice by slice: millions may be held, and alarms come out of this thread. */
async function heldFor({ reads, clock }: StoreParts, reason: HeldReason): Promise<number> {
  let { count, next } = reads.heldSlice(reason)
  while (next !== null) {
    await clock.sleep(0)
    const slice = reads.heldSlice(reason, next)
    count += slice.count
    next = slice.next
  }
  return count
}

function balanceSamples(reads: StoreParts['reads']): readonly Sample[] {
  const { messages, readings } = reads.totals()
  const ofMessages = Object.entries(messages).map(([part, value]): Sample => {
    return { name: 'isotherm_balance_messages', labels: { part }, value }
  })
  const ofReadings = Object.entries(readings).map(([part, value]): Sample => {
    return { name: 'isotherm_balance_readings', labels: { part }, value }
  })
  return [...ofMessages, ...ofReadings]
}

function incidentSamples({ view }: StoreParts): readonly Sample[] {
  const unresolved = view.unresolvedIncidents()
  const alone = unresolved.filter((incident) => incident.open === 1 && !hasRecipients(view, incident))
  return [
    ...incidentStates
      .filter((state) => state !== 'resolved')
      .map((state): Sample => {
        const value = unresolved.filter((incident) => incident.state === state).length
        return { name: 'isotherm_incidents', labels: { state }, value }
      }),
    { name: 'isotherm_incidents_without_recipients', value: alone.length },
  ]
}

/** Somebody is called for the place or one around it. */
function hasRecipients(view: StoreParts['view'], incident: Pick<IncidentFact, 'place'>): boolean {
  for (let id: string | null = incident.place; id !== null; id = view.place(id)?.parent ?? null) {
    if (view.recipientsOf(id).length > 0) return true
  }
  return false
}

async function messageSamples({ facts, clock }: StoreParts): Promise<readonly Sample[]> {
  const nowMs = clock.nowMs()
  const { messages, oldestWaitingMs } = await facts.numbers(nowMs - MESSAGES_MS)
  const ageS = oldestWaitingMs === null ? 0 : Math.max(0, nowMs - oldestWaitingMs) / 1_000
  return [
    ...messageStates.map((state): Sample => {
      const value = messages.find((each) => each.state === state)?.count ?? 0
      return { name: 'isotherm_messages', labels: { state }, value }
    }),
    { name: 'isotherm_outbox_oldest_age_seconds', value: ageS },
  ]
}

async function diskSamples({ configuration, layout }: StoreParts): Promise<readonly Sample[]> {
  const samples = Object.entries(await storeBytes(layout)).map(([store, value]): Sample => {
    return { name: 'isotherm_store_bytes', labels: { store }, value }
  })
  const space = await diskSpace(configuration)
  if (space === undefined) return samples
  return [
    ...samples,
    { name: 'isotherm_disk_free_bytes', value: space.freeBytes },
    { name: 'isotherm_disk_size_bytes', value: space.totalBytes },
    { name: 'isotherm_disk_reserve_bytes', value: space.reserveBytes },
  ]
}

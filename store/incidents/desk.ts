import assert from 'node:assert/strict'
import type { Actor, IncidentFact, IncidentStep, MessageTemplate, Random } from '../../domain/index.ts'
import { actorName, louder } from '../../domain/index.ts'
import { type Act, act, openFact } from '../facts/act.ts'
import { DESK } from '../facts/numbers.ts'
import type { Facts, FactsTransaction } from '../facts/port.ts'
import { present } from '../facts/rows.ts'
import { newId } from '../facts/secrets.ts'
import {
  changeIncident,
  endings,
  type IncidentChange,
  type IncidentLink,
  linksOf,
  messagesOf,
} from './incident-row.ts'
import { enterMessage, type NewMessage, supersedeWaiting } from './outbox.ts'

/** Who does what the desk does. */
const desk: Actor = { kind: 'system', id: 'incident-desk' }
/**
 * An incident that nobody takes may gather findings for months; the newest say how it stands, and what is open is
 * found by its place.
 */
export const FINDINGS_MAX = 500

/** What the incident desk may do in its one transaction: what it makes of changes, and how far it has come. */
export interface DeskTransaction {
  /** Number of the last change of findings that was taken. */
  cursor(): Promise<number>
  setCursor(no: number): Promise<void>
  /** The incidents that findings belong to. */
  linksOf(findings: readonly string[]): Promise<readonly IncidentLink[]>
  /** Ids of the newest findings of an incident, at most `FINDINGS_MAX`. */
  findingsOf(incident: string): Promise<readonly string[]>
  /** Ids of the recipients who were called for it and believe that it is open. */
  toldFor(incident: string): Promise<readonly string[]>
  /** Lets a finding belong to an incident that is resolved: what was done about it stays reachable. */
  attach(incident: string, findings: readonly string[]): Promise<void>
  /** Carries out a step with its messages; answers the incident as it is then. */
  apply(
    incident: IncidentFact | undefined,
    step: IncidentStep,
    messages: readonly NewMessage[],
  ): Promise<IncidentFact>
}

/** The part of the facts the incident desk writes. */
export interface DeskStore {
  /** Runs a job as one transaction; see `Facts.transact`. The job MUST NOT await anything but its argument. */
  step<T>(job: (tx: DeskTransaction) => Promise<T>): Promise<T>
}

/** Opens the desk's part of a facts database. */
export function openDeskStore(facts: Facts, random: Random): DeskStore {
  return { step: (job) => facts.transact((tx) => job(deskTransaction(tx, random))) }
}

function deskTransaction(tx: FactsTransaction, random: Random): DeskTransaction {
  return {
    cursor: async () => {
      const [row] = await tx.all(tx.db.selectFrom('consumer').select('next').where('name', '=', DESK))
      return row?.next ?? 0
    },
    setCursor: async (next) => {
      const row = { name: DESK, next }
      await tx.keepBooks(
        tx.db
          .insertInto('consumer')
          .values(row)
          .onConflict((on) => on.column('name').doUpdateSet({ next })),
      )
    },
    linksOf: (findings) => linksOf(tx, findings),
    findingsOf: async (incident) => {
      const rows = await tx.all(
        tx.db
          .selectFrom('live_incident_finding')
          .select('finding')
          .where('incident', '=', incident)
          .orderBy('fact', 'desc')
          .limit(FINDINGS_MAX),
      )
      return rows.map(({ finding }) => finding)
    },
    toldFor: async (incident) => {
      const messages = await messagesOf(tx, incident)
      const lastTold = new Map<string, MessageTemplate>()
      for (const { recipient, template, state } of messages) {
        if (state === 'superseded' || state === 'failed') continue
        // a call that waits has told nobody; an ending that waits will arrive
        if (state === 'waiting' && !endings.includes(template)) continue
        lastTold.set(recipient, template)
      }
      return [...lastTold].filter(([, template]) => !endings.includes(template)).map(([each]) => each)
    },
    attach: async (incident, findings) => {
      const entry = await act(tx, {
        kind: 'incident.attach',
        actor: desk,
        subject: `incident:${incident}`,
        reason: '',
        old: null,
        new: { findings },
      })
      await link(entry, incident, findings)
    },
    apply: (incident, step, messages) => apply(tx, random, incident, step, messages),
  }
}

async function apply(
  tx: FactsTransaction,
  random: Random,
  incident: IncidentFact | undefined,
  step: IncidentStep,
  messages: readonly NewMessage[],
): Promise<IncidentFact> {
  if (step.kind === 'raise') return raise(tx, random, step)
  assert(incident !== undefined, 'only raising makes an incident')
  // of this step's transaction, in which an earlier step may have changed it
  const before = await present(tx, 'incident', { id: incident.id })
  assert(before !== undefined, 'an incident is never removed')
  const change = changeOf(before, step, tx.atMs)
  const entry = await act(tx, {
    kind: `incident.${step.kind}`,
    actor: desk,
    subject: `incident:${before.id}`,
    reason: '',
    old: { state: before.state, grade: before.grade, open: before.open },
    new: detailsOf(step, messages),
  })
  if (step.kind === 'join') await link(entry, before.id, step.findings)
  if (step.kind === 'over') await supersedeWaiting(entry, before.id, 'calls', 'over before it was sent')
  if (step.kind === 'call') await supersedeWaiting(entry, before.id, 'endings', 'not over any more')
  for (const message of messages) await enterMessage(entry, random, before.id, message)
  return changeIncident(entry, before, change)
}

async function raise(
  tx: FactsTransaction,
  random: Random,
  step: Extract<IncidentStep, { kind: 'raise' }>,
): Promise<IncidentFact> {
  const { place, cause, grade, labelMilliC, findings } = step
  const id = newId('i', random)
  const open = step.open ? 1 : 0
  const entry = await act(tx, {
    kind: 'incident.raise',
    actor: desk,
    subject: `incident:${id}`,
    reason: '',
    old: null,
    new: { place, cause, grade, labelMilliC, open, findings },
  })
  await link(entry, id, findings)
  return openFact(entry, 'incident', {
    id,
    place,
    cause,
    grade,
    labelMilliC,
    open,
    state: 'raised',
    seenLate: step.open ? 0 : 1,
    told: 0,
    ...nobodyYet,
  })
}

const nobodyYet = {
  calledGrade: null,
  calledLabelMilliC: null,
  calledMs: null,
  callDueMs: null,
  acknowledgedBy: null,
  acknowledgedMs: null,
  resolvedBy: null,
  resolvedMs: null,
  resolution: null,
  mutedBy: null,
  mutedUntilMs: null,
} as const

async function link(entry: Act, incident: string, findings: readonly string[]): Promise<void> {
  for (const finding of findings) await openFact(entry, 'incident_finding', { incident, finding })
}

function changeOf(
  before: IncidentFact,
  step: Exclude<IncidentStep, { kind: 'raise' }>,
  atMs: number,
): IncidentChange {
  if (step.kind === 'join') {
    return { grade: louder(step.grade, before.grade), labelMilliC: step.labelMilliC }
  }
  if (step.kind === 'reopen') return { open: 1, seenLate: 0 }
  if (step.kind === 'wait') return { callDueMs: step.callDueMs }
  if (step.kind === 'over') return { open: 0, told: 0, callDueMs: null, seenLate: step.seenLate ? 1 : 0 }
  if (step.kind === 'call') {
    const { grade: calledGrade, labelMilliC: calledLabelMilliC } = step
    return { told: 1, calledGrade, calledLabelMilliC, calledMs: atMs, callDueMs: null }
  }
  const { resolution } = step
  return { state: 'resolved', resolvedBy: actorName(desk), resolvedMs: atMs, resolution, callDueMs: null }
}

/** What the audit row tells: ids and plain values. */
function detailsOf(step: Exclude<IncidentStep, { kind: 'raise' }>, messages: readonly NewMessage[]) {
  const { kind: _, ...details } = step
  if (step.kind !== 'call' && messages.length === 0) return details
  return { ...details, recipients: messages.map(({ recipient }) => recipient.id) }
}

import { type Channels, startNotifier } from '../../../alerts/index.ts'
import type { Clock, Log, Random } from '../../../domain/index.ts'
import {
  type Facts,
  type FactsView,
  openDeskStore,
  openFindingReads,
  openOutbox,
} from '../../../store/index.ts'
import { readRulePacks } from '../../doors/rule-packs.ts'
import type { DataLayout } from '../../layout.ts'
import { startDesk } from './desk.ts'

/** The incident desk and the notifier of this core. */
export interface RunningIncidents {
  /** Call after findings have changed. */
  wake(this: void): void
  stop(): Promise<void>
}

/** Starts the incident desk and the notifier; neither is waited for by ingest or the judge. */
export async function openIncidents(options: {
  readonly layout: DataLayout
  readonly channels: Channels
  readonly facts: Facts
  /** In this thread, and told of each change before anybody else is. */
  readonly view: FactsView
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}): Promise<RunningIncidents> {
  const { layout, facts, random } = options
  const packs = await readRulePacks()
  const findings = openFindingReads({ path: layout.readings })
  const stopping = new AbortController()
  const { signal } = stopping
  const notifier = startNotifier({ ...options, outbox: openOutbox(facts), signal })
  const store = openDeskStore(facts, random)
  const onMessages = (): void => {
    notifier.wake()
  }
  const desk = startDesk({ ...options, store, findings, packs, signal, onMessages })
  const stopFacts = facts.onChange(({ rows }) => {
    // a command may have put a message into the outbox
    onMessages()
    // there may be somebody now for whom nobody was there to be called
    if (rows.some(({ table }) => table === 'recipient')) desk.wake()
  })
  return {
    wake: () => {
      desk.wake()
    },
    stop: async () => {
      stopFacts()
      stopping.abort()
      await desk.stopped
      await notifier.stopped
      findings.close()
    },
  }
}

import { type Channels, startNotifier } from '../../../alerts/index.ts'
import type { Clock, Log, Random, RulePack } from '../../../domain/index.ts'
import {
  type Facts,
  type FactsView,
  type FindingReads,
  openDeskStore,
  openOutbox,
} from '../../../store/index.ts'
import { startDesk } from './desk.ts'

/** The incident desk and the notifier of this core. */
export interface RunningIncidents {
  /** Call after findings have changed. */
  wake(this: void): void
  stop(): Promise<void>
}

/** Starts the incident desk and the notifier; neither is waited for by ingest or the judge. */
export function openIncidents(options: {
  readonly channels: Channels
  readonly facts: Facts
  /** In this thread, and told of each change before anybody else is. */
  readonly view: FactsView
  readonly findings: FindingReads
  readonly packs: readonly RulePack[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}): RunningIncidents {
  const { facts, random } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const notifier = startNotifier({ ...options, outbox: openOutbox(facts), signal })
  const store = openDeskStore(facts, random)
  const onMessages = (): void => {
    notifier.wake()
  }
  const desk = startDesk({ ...options, store, signal, onMessages })
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
    },
  }
}

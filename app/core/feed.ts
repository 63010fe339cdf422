import type { FactChange } from '../../domain/index.ts'
import { type Link, sendSnapshot } from '../link/index.ts'

/** The part of the facts store a feed needs. */
export interface FactsFeed {
  snapshot(): Promise<FactChange>
  onChange(listener: (change: FactChange) => void): () => void
}

/**
 * Sends the live facts and then every change after them, in version order and without a gap: changes that
 * happen until the snapshot was taken wait for it. Returns the function that stops the feed.
 */
export async function startFeed(
  facts: FactsFeed,
  send: {
    readonly snapshot: (all: FactChange) => Promise<void> | void
    readonly change: (one: FactChange) => void
  },
): Promise<() => void> {
  let early: FactChange[] | undefined = []
  const stop = facts.onChange((change) => {
    if (early === undefined) send.change(change)
    else early.push(change)
  })
  try {
    const snapshot = await facts.snapshot()
    await send.snapshot(snapshot)
    for (const change of early) if (change.version > snapshot.version) send.change(change)
    early = undefined
    return stop
  } catch (thrown) {
    stop()
    throw thrown
  }
}

/** Feeds the other side of a link until it closes, also when that happens while the snapshot is read or sent. */
export async function feedLink(facts: FactsFeed, link: Link): Promise<void> {
  const stop = await startFeed(facts, {
    snapshot: (all) => sendSnapshot(link, all),
    change: (one) => {
      link.notify('facts-change', one)
    },
  })
  link.onClose(stop)
}

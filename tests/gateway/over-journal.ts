import { randomBytes } from 'node:crypto'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { listenTcp } from '../../app/doors/network.ts'
import { decodeRecord } from '../../domain/index.ts'
import { createGateway } from '../../gateway/index.ts'
import { type Disk, type Journal, openJournal } from '../../journal/index.ts'
import { collectingLog, createPolicies } from './harness.ts'
import { undoLater } from './raw-client.ts'

/** A gateway over a journal on a real disk, or on another one. */
export async function startOver(directory: string, devices: string[], disk: Disk = nodeDisk()) {
  const journal = await openJournal({
    directory,
    log: collectingLog([]),
    disk,
    clock: systemClock,
    random: { bytes: (count) => randomBytes(count) },
    spaceReserve: { share: 0, bytes: 0 },
  })
  const last = await journal.last()
  const gateway = createGateway({
    append: (bytes, waiter) => journal.appendFor(bytes, waiter),
    lastReceivedAtMs: last === undefined ? 0 : decodeRecord(last).receivedAtMs,
    policies: createPolicies(...devices),
    countRefusal: () => undefined,
    clock: systemClock,
    log: collectingLog([]),
  })
  const listener = await listenTcp({
    host: '127.0.0.1',
    port: 0,
    onSocket: (socket) => {
      gateway.handle(socket)
    },
  })
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      await listener.stopAccepting()
      await gateway.stop()
      await journal.close()
    })())
  undoLater(stop)
  return { gateway, journal, port: listener.port, stop }
}

/** Every record: its index, device and payload as text. */
export async function readAll(journal: Journal): Promise<string[]> {
  const found: string[] = []
  const signal = new AbortController()
  for await (const entries of journal.follow(0, signal.signal)) {
    for (const { index, bytes } of entries) {
      const { deviceId, payload } = decodeRecord(bytes)
      found.push(`${index} ${deviceId} ${Buffer.from(payload).toString()}`)
    }
    if (found.length === journal.durableEnd) break
  }
  return found
}

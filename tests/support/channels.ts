import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { connectLocal, listenLocal } from '../../app/doors/sockets.ts'
import { type Channel, portChannel } from '../../app/link/index.ts'

const cleanups: (() => Promise<void> | void)[] = []

/** Closes every channel opened here: for `afterEach`. */
export async function closeChannels(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup()
}

/** The two ends of a message port. */
export function overPort(): Promise<[Channel, Channel]> {
  const { port1, port2 } = new MessageChannel()
  cleanups.push(() => {
    port1.close()
  })
  return Promise.resolve([portChannel(port1), portChannel(port2)])
}

/** The two ends of a local socket. */
export async function overSocket(): Promise<[Channel, Channel]> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-link-'))
  const path = join(folder, 'core.sock')
  const serverSide = Promise.withResolvers<Channel>()
  const listener = await listenLocal(path, serverSide.resolve)
  const clientSide = await connectLocal(path)
  cleanups.push(async () => {
    await listener.close()
    rmSync(folder, { recursive: true })
  })
  if (clientSide === undefined) throw new RangeError('nobody listens')
  return [await serverSide.promise, clientSide]
}

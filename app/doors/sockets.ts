import { chmod, rm } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { Problem, reasonOf } from '../../domain/index.ts'
import { type Channel, socketChannel } from '../link/index.ts'

/** Kernels cut longer names short (108 bytes on Linux, 104 on macOS, with the closing zero). */
const SOCKET_PATH_BYTES_MAX = 103
/** The gateway, the api and a few calls of the command line at once. */
const CONNECTIONS_MAX = 64

/** A Unix socket we listen on. */
export interface LocalListener {
  close(): Promise<void>
}

/**
 * Listens on a Unix socket only the owner may open. A socket file left by a killed process is replaced: the
 * caller holds the lock that says nobody else uses it.
 */
export async function listenLocal(
  path: string,
  onChannel: (channel: Channel) => void,
): Promise<LocalListener> {
  refuseLongPath(path)
  await rm(path, { force: true })
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    onChannel(socketChannel(socket))
  })
  server.maxConnections = CONNECTIONS_MAX
  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown) => reject(unusable(path, thrown)))
    server.listen(path, resolve)
  })
  await chmod(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

/**
 * What a system answers when nobody takes a connection: no socket, a socket without its process, one whose process
 * died before it took this connection, and one whose queue is full because its process is stopped.
 */
const nobodyThere: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAGAIN',
])

/** Connects to a Unix socket; undefined when nobody listens there. */
export function connectLocal(path: string): Promise<Channel | undefined> {
  refuseLongPath(path)
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('connect', () => resolve(socketChannel(socket)))
    socket.once('error', (thrown: NodeJS.ErrnoException) => {
      if (nobodyThere.has(thrown.code)) resolve(undefined)
      else reject(unusable(path, thrown))
    })
  })
}

function refuseLongPath(path: string): void {
  const length = Buffer.byteLength(path)
  if (length <= SOCKET_PATH_BYTES_MAX) return
  throw new Problem('configuration-invalid', {
    what: `The socket ${path} would have a name of ${length} bytes; the system allows ${SOCKET_PATH_BYTES_MAX}.`,
    remedy: 'Choose a data_dir with a shorter path.',
  })
}

function unusable(path: string, cause: unknown): Problem {
  return new Problem('connection-failed', {
    what: `The socket ${path} cannot be used: ${reasonOf(cause)}.`,
    remedy: 'Check that this account owns the data directory.',
    cause,
  })
}

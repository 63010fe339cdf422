import { readdir, readFile, readlink } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { reasonOf } from '../../domain/index.ts'

/** Why a connection cannot be made, as the system names it (`ECONNREFUSED`), and in words. */
export interface Unreachable {
  readonly code: string
  readonly reason: string
}

/** Opens a TCP connection, sends nothing and closes it: undefined when somebody takes it within `timeoutMs`. */
export function knock(host: string, port: number, timeoutMs: number): Promise<Unreachable | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port })
    const end = (found: Unreachable | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(found)
    }
    const timer = setTimeout(() => {
      end({ code: 'ETIMEDOUT', reason: `nobody answered within ${timeoutMs / 1_000} s` })
    }, timeoutMs)
    socket.once('connect', () => {
      end(undefined)
    })
    socket.once('error', (thrown) => {
      end(unreachable(thrown))
    })
  })
}

/** Listens for an instant, for nobody: undefined when a server of ours could. */
export function tryToListen(host: string, port: number): Promise<Unreachable | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (thrown) => {
      resolve(unreachable(thrown))
    })
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(undefined)
      })
    })
  })
}

/** Listening sockets in the tables of Linux: state 0A. */
const LISTENS = '0A'

/** Whether a process listens on a TCP port; undefined where nobody can tell (not Linux, or another account's). */
export async function listensOn(pid: number, port: number): Promise<boolean | undefined> {
  try {
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')),
    )
    const sockets = new Set(tables.flatMap((table) => listeningSockets(table, port)))
    const names = await readdir(`/proc/${pid}/fd`)
    const open = await Promise.all(names.map((name) => linkOf(`/proc/${pid}/fd/${name}`)))
    return open.some((link) => sockets.has(link))
  } catch {
    // nothing is lost: the caller says less about the port
    return undefined
  }
}

/** `socket:[inode]` of each listener on a port, of a table like `/proc/net/tcp`. */
function listeningSockets(table: string, port: number): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    const isIt = state === LISTENS && Number.parseInt(local.split(':')[1] ?? '', 16) === port
    return isIt ? [`socket:[${inode}]`] : []
  })
}

async function linkOf(path: string): Promise<string> {
  try {
    return await readlink(path)
  } catch {
    // a descriptor that was closed meanwhile is none that listens
    return ''
  }
}

function unreachable(thrown: Error): Unreachable {
  // several addresses were tried, and each failed by itself
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown
  const code = first instanceof Error && 'code' in first ? String(first.code) : 'unknown'
  return { code, reason: reasonOf(first) }
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { missingProgram, programPath } from './services.ts'

const USER = 'isotherm'
const START_TIMEOUT_MS = 30_000

/** A real PostgreSQL 15 with a data directory of its own, reached through a socket in it. */
export interface Postgres {
  /** Creates an empty database and answers its connection string. */
  createDatabase(): Promise<string>
  /** Runs a statement in a database, past everything the product does, and answers the rows. */
  execute(url: string, statement: string): Promise<Record<string, unknown>[]>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** Why tests that need PostgreSQL cannot run here; undefined when they can. */
export function postgresSkipReason(): string | undefined {
  return missingProgram('postgres', 'postgresql-15')
}

/** Starts a server in a new directory and waits until it answers. As root it runs as the user `postgres`. */
export async function startPostgres(): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), 'isotherm-pg-'))
  const owner = serverOwner()
  chmodSync(directory, 0o755)
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  const data = join(directory, 'data')
  const initial = ['-D', data, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-U', USER, '--no-sync']
  execFileSync(programPath('initdb') ?? 'initdb', initial, { ...owner, cwd: directory, stdio: 'ignore' })
  // no port at all: the socket lies in a directory nobody else has
  const settings = ['-c', 'listen_addresses=', '-c', 'fsync=off']
  const server = spawn(programPath('postgres') ?? 'postgres', ['-D', data, '-k', directory, ...settings], {
    ...owner,
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => server.kill('SIGQUIT'))
  const urlOf = (database: string): string =>
    `postgresql://${USER}@localhost/${database}?host=${encodeURIComponent(directory)}`
  await answering(server, urlOf('postgres'))
  let databases = 0
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    // fast shutdown: connections left open do not hold it up
    server.kill('SIGINT')
    await ended
  }
  return {
    createDatabase: async () => {
      databases += 1
      await execute(urlOf('postgres'), `create database test_${databases}`)
      return urlOf(`test_${databases}`)
    },
    execute,
    remove: async () => {
      await stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root. */
function serverOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

async function answering(server: ChildProcess, url: string): Promise<void> {
  let output = ''
  server.stderr?.on('data', (chunk: Buffer) => {
    if (output.length < 100_000) output += chunk.toString()
  })
  const until = Date.now() + START_TIMEOUT_MS
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}:\n${output}`)
    try {
      await execute(url, 'select 1')
      return
    } catch (cause) {
      if (Date.now() > until) throw new Error(`postgres did not answer:\n${output}`, { cause })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function execute(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  // a server that is killed in a test ends its connections; the query says so
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

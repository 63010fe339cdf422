import { resolve } from 'node:path'
import { isName, Problem } from '../../domain/index.ts'
import { workingDirectory } from '../doors/environment.ts'
import { isOpenToOthers, readBytes } from '../doors/files.ts'
import { eachItem } from './find.ts'
import type { LocalCore } from './local-core.ts'

/** A device and its secret. */
export interface Credentials {
  readonly id: string
  readonly secret: string
}

/** Commands under way at once: the core answers them one after another, this hides the way there. */
const UNDER_WAY = 32

/** Reads JSON lines `{"device":..,"secret":..}` from a file that is its owner's alone. */
export async function readCredentials(name: string): Promise<readonly Credentials[]> {
  const path = resolve(workingDirectory(), name)
  const bytes = await readBytes(path)
  if (await isOpenToOthers(path)) {
    throw new Problem('bad-request', {
      what: `Others than its owner have rights on ${path}, which holds secrets.`,
      remedy: `Take them away: chmod 600 ${path}.`,
    })
  }
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  const found = new Map<string, string>()
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const { id, secret } = credentialsIn(line, `${path}, line ${index + 1},`)
    if (found.has(id)) throw notUnderstood(`${path}, line ${index + 1}, names the device ${id} again.`)
    found.set(id, secret)
  }
  if (found.size === 0) throw notUnderstood(`${path} names no device.`)
  return [...found].map(([id, secret]) => ({ id, secret }))
}

/**
 * The secrets of simulated devices of a site: those that are not there are created, the others get a new secret.
 * Throws `Problem('demo-only')` for a real device of that name or a site that is not for demonstration.
 */
export async function issueCredentials(
  core: LocalCore,
  site: string,
  ids: readonly string[],
  expectedIntervalMs: number,
): Promise<readonly Credentials[]> {
  const kinds = new Map<string, unknown>()
  for await (const { id, kind } of eachItem(core, 'devices', {})) kinds.set(String(id), kind)
  const issue = async (id: string): Promise<Credentials> => {
    const kind = kinds.get(id)
    if (kind === undefined) {
      const input = { id, site, kind: 'simulated', expectedIntervalMs } as const
      return { id, secret: (await core.command('device.create', input)).secret }
    }
    if (kind !== 'simulated') {
      throw new Problem('demo-only', {
        what: `Device ${id} is real; simulated readings would stand among measured ones.`,
        remedy: 'Name simulated devices in a file with --credentials.',
      })
    }
    return { id, secret: (await core.command('device.issue-secret', { id, reason: 'simulation' })).secret }
  }
  const issued: Credentials[] = []
  for (let first = 0; first < ids.length; first += UNDER_WAY) {
    issued.push(...(await Promise.all(ids.slice(first, first + UNDER_WAY).map(issue))))
  }
  return issued
}

function credentialsIn(line: string, where: string): Credentials {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    // neither the line nor the parser's words, which repeat it, are shown: it may hold a secret
    throw notUnderstood(`${where} is no JSON.`)
  }
  const { device, secret } = Object(parsed) as { readonly device?: unknown; readonly secret?: unknown }
  if (typeof device === 'string' && isName(device) && typeof secret === 'string' && secret !== '') {
    return { id: device, secret }
  }
  throw notUnderstood(`${where} has no device id and secret.`)
}

function notUnderstood(what: string): Problem {
  return new Problem('file-not-understood', {
    what,
    remedy: 'Write one line for each device: {"device":"fridge-1","secret":"..."}.',
  })
}

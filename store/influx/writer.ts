import { Problem, reasonOf } from '../../domain/index.ts'
import type { InfluxAnswer, InfluxHttp } from './http.ts'
import type { Lines } from './lines.ts'
import { errorIn, influxRows, nameableMs, parsedJson, quoted } from './query.ts'

/** What became of a batch of lines. */
export type WriteVerdict =
  /** Every line was taken but the refused ones; `expired` are older than the database keeps. */
  | { readonly kind: 'written'; readonly refused: readonly RefusedLine[]; readonly expired: number }
  /** Nothing is known to be written; `missing`: the database does not exist. */
  | Stopped

/** Keep the lines and write all of them again later; writing a point twice changes nothing. */
export interface Retry {
  readonly kind: 'retry'
  readonly what: string
  readonly remedy: string
  /** How long the server asked to be left alone; null when it did not say. */
  readonly afterMs: number | null
}

/** What keeps points from being written or deleted. */
export type Stopped = Retry | { readonly kind: 'missing' }

/** A line InfluxDB refuses by itself: its place in the batch and what InfluxDB said. */
export interface RefusedLine {
  readonly at: number
  readonly reason: string
}

/** Writes points; never throws, a verdict tells what to do. */
export interface InfluxWriter {
  /** The lines stay as they are until there is a verdict: refused ones are looked for by sending parts again. */
  write(lines: Lines, signal: AbortSignal): Promise<WriteVerdict>
  /** Whether the database is there and holds readings; `unknown` when this server or user cannot tell. */
  database(
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'filled' | 'empty' | 'missing' | 'unknown' } | Retry>
  /** Makes the database (1.x; elsewhere it is made by its administrator). */
  createDatabase(signal: AbortSignal): Promise<{ readonly kind: 'made' } | Retry>
  /** Deletes points, whatever their other tags (InfluxQL `DELETE`, which only 1.x has). */
  deletePoints(which: DeletedPoints, signal: AbortSignal): Promise<DeleteVerdict>
}

/** Points of a measurement that carry a tag, in [fromMs, toMs), epoch ms; without tag or period, all of them. */
export interface DeletedPoints {
  readonly measurement: string
  readonly tag?: { readonly name: string; readonly value: string }
  readonly fromMs?: number
  readonly toMs?: number
}

/** What became of a deletion. `refused`: this server or user cannot delete. */
export type DeleteVerdict =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'missing' }
  | (Retry & { readonly isRefused?: true })

/**
 * So many lines of one batch may be refused one by one. More means that something is wrong with the database
 * rather than with the points, and trying on would take two requests a line.
 */
export const REFUSED_MAX = 200
/** As much of an answer as a message or a table keeps. */
const REASON_CHARACTERS_MAX = 500

/**
 * A writer over `/write`, the call that InfluxDB 1.x, 2.x and 3 Core share. A refused batch is halved until the
 * refused lines stand alone, because InfluxDB keeps the good lines of a bad batch without saying which.
 */
export function influxWriter(http: InfluxHttp): InfluxWriter {
  return {
    write: async (lines, signal) => {
      const batch: Batch = { lines, refused: [], expired: 0 }
      const stopped = await writeRange(http, batch, 0, lines.count, signal)
      return stopped ?? { kind: 'written', refused: batch.refused, expired: batch.expired }
    },
    deletePoints: (which, signal) => deletePoints(http, which, signal),
    database: async (signal) => {
      try {
        const names = (await influxRows(http, 'SHOW DATABASES', {}, signal)).map(([name]) => name)
        if (!names.includes(http.database)) return { kind: 'missing' }
        const one = await influxRows(http, 'SELECT "received_ms" FROM "reading" LIMIT 1', {}, signal)
        return { kind: one.length === 0 ? 'empty' : 'filled' }
      } catch (thrown) {
        // a user without the right to look may still write; the first write then tells
        if (thrown instanceof Problem && thrown.code === 'influx-refused') return { kind: 'unknown' }
        return unanswered(thrown)
      }
    },
    createDatabase: async (signal) => {
      try {
        await influxRows(http, `CREATE DATABASE ${quoted(http.database)}`, {}, signal)
        return { kind: 'made' }
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.code !== 'influx-refused') return unanswered(thrown)
        const remedy =
          'Create the database in InfluxDB (on 2.x a bucket with a DBRP mapping of this name), or allow this user to.'
        return { kind: 'retry', what: thrown.message, remedy, afterMs: null }
      }
    },
  }
}

async function deletePoints(
  http: InfluxHttp,
  { measurement, tag, fromMs, toMs }: DeletedPoints,
  signal: AbortSignal,
): Promise<DeleteVerdict> {
  const terms = [
    ...(tag === undefined ? [] : [`${quoted(tag.name)} = $tag`]),
    ...(fromMs === undefined ? [] : [`time >= ${nameableMs(fromMs)}ms`]),
    ...(toMs === undefined ? [] : [`time < ${nameableMs(toMs)}ms`]),
  ]
  const where = terms.length === 0 ? '' : ` WHERE ${terms.join(' and ')}`
  try {
    const bound: Record<string, string> = tag === undefined ? {} : { tag: tag.value }
    await influxRows(http, `DELETE FROM ${quoted(measurement)}${where}`, bound, signal)
    return { kind: 'deleted' }
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== 'influx-refused') return unanswered(thrown)
    if (NOT_FOUND.test(thrown.message)) return { kind: 'missing' }
    const remedy =
      'Allow this user to delete; on InfluxDB 2.x and 3, project into a new, empty database instead.'
    return { kind: 'retry', what: thrown.message, remedy, afterMs: null, isRefused: true }
  }
}

interface Batch {
  readonly lines: Lines
  readonly refused: RefusedLine[]
  expired: number
}

/** Writes lines [from, to); undefined when each of them is written or known as refused. */
async function writeRange(
  http: InfluxHttp,
  batch: Batch,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<Retry | { readonly kind: 'missing' } | undefined> {
  if (from === to) return undefined
  let answer: InfluxAnswer
  try {
    answer = await http.write(batch.lines.body(from, to), signal)
  } catch (thrown) {
    return unanswered(thrown)
  }
  const reason = reasonIn(answer)
  // 204 is the one success of /write; a 200 comes from something that is not InfluxDB
  if (answer.status === 204) return undefined
  if (answer.status === 404 && NOT_FOUND.test(reason)) return { kind: 'missing' }
  const pointsAtFault = answer.status === 400 || answer.status === 422
  const expired = pointsAtFault ? expiredIn(reason) : undefined
  if (expired !== undefined) {
    batch.expired += expired
    return undefined
  }
  if ((pointsAtFault || answer.status === 413) && to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    const stopped = await writeRange(http, batch, from, middle, signal)
    return stopped ?? writeRange(http, batch, middle, to, signal)
  }
  if (!pointsAtFault) return retryAfter(answer, reason)
  batch.refused.push({ at: from, reason })
  return batch.refused.length > REFUSED_MAX ? tooMany(batch) : undefined
}

/** How 1.x (`database not found`) and 2.x (`bucket "..." not found`) say it; a lost proxy also answers 404. */
const NOT_FOUND = /(database|bucket|dbrp).* not found/i

/**
 * The number of points that are older than the retention policy keeps. InfluxDB says so only when it has
 * written all others, and to drop them is what the database's owner asked for; undefined for any other refusal.
 */
function expiredIn(reason: string): number | undefined {
  const [, dropped] = /points beyond retention policy dropped=(\d+)/.exec(reason) ?? []
  return dropped === undefined ? undefined : Number(dropped)
}

function tooMany(batch: Batch): Retry {
  const first = batch.refused[0]?.reason ?? ''
  return {
    kind: 'retry',
    what: `InfluxDB refuses more than ${REFUSED_MAX} points of one batch; the first: ${first}`,
    remedy: 'The database does not fit what is written (see the reason): project into a new, empty database.',
    afterMs: null,
  }
}

function unanswered(thrown: unknown): Retry {
  const remedy = thrown instanceof Problem ? thrown.remedy : 'Report this; the projection tries again.'
  return { kind: 'retry', what: reasonOf(thrown), remedy, afterMs: null }
}

function retryAfter(answer: InfluxAnswer, reason: string): Retry {
  // InfluxDB gives seconds; the date form would need the server's clock and is left to our own back-off
  const seconds = /^\d{1,6}$/.test(answer.retryAfter ?? '') ? Number(answer.retryAfter) : undefined
  return {
    kind: 'retry',
    what: `InfluxDB answers ${answer.status} to a write: ${reason}`,
    remedy: remedyOf(answer.status),
    afterMs: seconds === undefined ? null : seconds * 1000,
  }
}

function remedyOf(status: number): string {
  if (status === 401) return 'Correct influx_token, or influx_user and influx_password.'
  if (status === 403) return 'Allow this user or token to write to the database.'
  if (status === 413) return 'Raise max-body-size of InfluxDB, or the body limit of the proxy before it.'
  if (status === 429) return 'Nothing; the server asks to wait. If it stays so, raise its limits.'
  if (status >= 500) return 'Look into the log of InfluxDB; the projection tries again and loses nothing.'
  return 'Check that influx_url is the address of InfluxDB itself (what answers may be a proxy).'
}

function reasonIn({ status, text }: InfluxAnswer): string {
  const message = errorIn(parsedJson(text)) ?? text.trim()
  return message === '' ? `status ${status} without a text` : message.slice(0, REASON_CHARACTERS_MAX)
}

import { Problem } from '../../domain/index.ts'
import type { InfluxHttp } from './http.ts'

/** One row of an answer, its values in the order of the select, `time` first where there is one. */
export type InfluxRow = readonly unknown[]

/**
 * Runs one InfluxQL statement and answers the rows of all its series. `params` are bound by InfluxDB, never
 * pasted into the text. Throws `Problem('influx-unavailable')` without an answer and `Problem('influx-refused')`
 * for everything InfluxDB says no to: most errors come inside an answer of status 200.
 */
export async function influxRows(
  http: InfluxHttp,
  statement: string,
  params: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly InfluxRow[]> {
  const { status, text } = await http.query(statement, params, signal)
  const answer = parsedJson(text)
  const [result] = list(property(answer, 'results'))
  const error = errorIn(answer) ?? errorIn(result)
  if (status !== 200 || error !== undefined || result === undefined) {
    throw refused(statement, `status ${status}: ${error ?? text}`)
  }
  return list(property(result, 'series')).flatMap((series) => {
    // the server's max-row-limit cuts answers; a cut answer must not pass for a whole one
    if (property(series, 'partial') === true)
      throw refused(statement, 'only a part of the rows (max-row-limit)')
    return list(property(series, 'values')).map(list)
  })
}

/** What InfluxDB says is wrong: 1.x and 3 `{"error": ...}`, 2.x `{"code": ..., "message": ...}`. */
export function errorIn(answer: unknown): string | undefined {
  const error = property(answer, 'error') ?? property(answer, 'message')
  return typeof error === 'string' ? error : undefined
}

/** Undefined when the text is not JSON, which is what a proxy in the way answers. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller still has the text and shows it
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The furthest whole millisecond an InfluxQL time can name, either way. */
export const TIME_MS_MAX = 9_223_372_036_853

/** The instant, or the nearest one InfluxQL can name. */
export function nameableMs(instantMs: number): number {
  return Math.max(-TIME_MS_MAX, Math.min(TIME_MS_MAX, instantMs))
}

/** An identifier for InfluxQL text, where nothing can be bound. */
export function quoted(name: string): string {
  return `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/**
 * The instant of an InfluxDB time such as `2026-11-23T02:40:00.000000008Z`: milliseconds, and the nanoseconds
 * that remain. As epoch nanoseconds in JSON it would exceed what a number holds exactly.
 */
export function instantOf(time: unknown): { readonly tMs: number; readonly sub: number } {
  const [, seconds, fraction = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(String(time)) ?? []
  if (seconds === undefined) {
    throw new Problem('influx-refused', {
      what: `InfluxDB answered ${String(time).slice(0, 100)} where a time should be.`,
      remedy: 'Check that influx_url is the address of an InfluxDB of version 1, 2 or 3.',
    })
  }
  const nanos = Number(fraction.padEnd(9, '0'))
  return { tMs: Date.parse(`${seconds}Z`) + Math.floor(nanos / 1_000_000), sub: nanos % 1_000_000 }
}

function refused(statement: string, reason: string): Problem {
  const verb = statement.split(' ', 2).join(' ')
  return new Problem('influx-refused', {
    what: `InfluxDB refuses ${verb}: ${reason.slice(0, 500)}.`,
    remedy: 'Check the rights of the InfluxDB user or token, and that the database exists.',
  })
}

import { Problem, reasonOf } from '../../domain/index.ts'
import { type InfluxAnswer, influxHttp, type InfluxHttp, influxWriter } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { fetchUrl } from '../doors/network.ts'
import { systemRandom } from '../doors/random.ts'
import { influxTarget } from '../influx-target.ts'
import type { Finding } from './doctor-finding.ts'

/** Each of its calls may take so long; InfluxDB answers a single point in milliseconds. */
const ANSWER_MS_MAX = 2_000
/** The measurement of the doctor alone. */
const MEASUREMENT = 'isotherm_doctor'
const PROBE_BYTES = 8
/** As much of an answer as a line shows. */
const ANSWER_CHARACTERS_MAX = 200

const check = 'InfluxDB'

/** Writes one point with the configured credentials, reads it back and deletes it where this server deletes. */
export async function influxFinding(configuration: Configuration, signal: AbortSignal): Promise<Finding> {
  const target = influxTarget(configuration)
  if (target === undefined) return { check, state: 'note', found: 'not configured' }
  try {
    const http = influxHttp(target, fetchUrl, ANSWER_MS_MAX)
    const version = await influxVersion(target.url, signal)
    return await roundTrip(http, `${target.url} answers, ${version ?? 'unknown version'}`, signal)
  } catch (thrown) {
    return {
      check,
      state: 'bad',
      found:
        thrown instanceof Problem ? thrown.message : `${target.url} does not answer: ${reasonOf(thrown)}`,
      remedy:
        'Start InfluxDB or correct influx_url. Alarms and records do not need it; it catches up by itself.',
    }
  }
}

/** What the server calls its version; undefined when it does not say. Rejects when it does not answer. */
export async function influxVersion(url: string, signal: AbortSignal): Promise<string | undefined> {
  const ping = new URL('ping', url.endsWith('/') ? url : `${url}/`)
  const { headers } = await fetchUrl(ping, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
  })
  return headers.get('x-influxdb-version') ?? undefined
}

async function roundTrip(http: InfluxHttp, answers: string, signal: AbortSignal): Promise<Finding> {
  const probe = Buffer.from(systemRandom.bytes(PROBE_BYTES)).toString('hex')
  const at = `${systemClock.nowMs()}000000`
  const written = await timed(() => http.write(`${MEASUREMENT},probe=${probe} value=1i ${at}`, signal))
  if (written.answer.status !== 204) return refused('write', http, answers, written.answer)
  const select = `SELECT "value" FROM "${MEASUREMENT}" WHERE "probe" = $probe`
  const read = await timed(() => http.query(select, { probe }, signal))
  const tag = { name: 'probe', value: probe }
  const removal = await influxWriter(http).deletePoints({ measurement: MEASUREMENT, tag }, signal)
  const left =
    removal.kind === 'deleted' ? '' : `; its one point in ${MEASUREMENT} could not be deleted and stays`
  if (read.answer.status !== 200) return refused('read', http, answers, read.answer)
  if (!read.answer.text.includes(`"${MEASUREMENT}"`)) {
    const found = `${answers}; a point it took could not be read back: ${shortened(read.answer.text)}${left}`
    const remedy = `Look at the retention policies of ${http.database}, and at the log of InfluxDB.`
    return { check, state: 'bad', found, remedy }
  }
  const found = `${answers}; a point was written in ${written.ms} ms and read back in ${read.ms} ms${left}`
  return { check, state: 'ok', found }
}

async function timed(
  call: () => Promise<InfluxAnswer>,
): Promise<{ readonly answer: InfluxAnswer; readonly ms: number }> {
  const startMs = systemClock.monotonicMs()
  const answer = await call()
  return { answer, ms: Math.round(systemClock.monotonicMs() - startMs) }
}

function refused(
  what: 'write' | 'read',
  { database }: InfluxHttp,
  answers: string,
  { status, text }: InfluxAnswer,
): Finding {
  const found = `${answers}; it refuses to ${what} a point in ${database}: ${status} ${shortened(text)}`
  return { check, state: 'bad', found, remedy: remedyFor(status, what, database) }
}

function remedyFor(status: number, what: 'write' | 'read', database: string): string {
  if (status === 401) {
    return 'Correct the credentials: influx_user and influx_password for InfluxDB 1.x, influx_token for 2.x and 3.'
  }
  if (status === 403) {
    return `Let this user ${what}: on 1.x GRANT ALL ON "${database}" TO the user; on 2.x and 3 a token that may read and write ${database}.`
  }
  if (status === 404) {
    return `Make the database ${database} or correct influx_database: on 1.x CREATE DATABASE "${database}" (Isotherm makes it at its start where it may), on 2.x a bucket with a DBRP mapping of this name, on 3 a database.`
  }
  return 'Look at the log of InfluxDB; nothing is lost, the projection goes on from its cursor.'
}

function shortened(text: string): string {
  return text.trim().slice(0, ANSWER_CHARACTERS_MAX)
}

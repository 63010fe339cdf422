import type { Command } from 'commander'
import { reasonOf } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { nodeDisk } from '../doors/disk.ts'
import { askOwnServer, fetchUrl } from '../doors/network.ts'
import { setExitCode, terminal } from '../doors/terminal.ts'
import { dataLayout } from '../layout.ts'
import type { AuditStatus } from '../link/protocol.ts'
import { balanceFinding } from './doctor-balance.ts'
import { certificateFindings } from './doctor-certificates.ts'
import { channelFindings } from './doctor-channels.ts'
import { clockFinding } from './doctor-clock.ts'
import { identityFinding } from './doctor-identities.ts'
import { journalFindings } from './doctor-journal.ts'
import { projectionFinding } from './doctor-projection.ts'
import { withCore } from './local-core.ts'
import { printList } from './print.ts'
import { runs } from './run.ts'

/** One thing the doctor looked at. `remedy` only where something is to be done. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'note' | 'bad'
  readonly found: string
  readonly remedy?: string
}

/** How long a server may take to answer the doctor. */
const ANSWER_MS_MAX = 3_000
const MIB = 1024 * 1024
const HOW_TO_START = 'Start it: `npm start -- --no-demo`, or `npm start` for the demonstration.'

/** Adds `doctor`: exit code 1 when something is bad. */
export function addDoctor(program: Command): void {
  runs(
    program
      .command('doctor')
      .description('look at configuration, disk, core, HTTP, InfluxDB and channels, and say what to do'),
    async (configuration, options) => {
      const findings = [
        { check: 'configuration', state: 'ok', found: 'every setting is in order' } as const,
        await disk(configuration),
        ...(await journalFindings(configuration)),
        ...(await core(configuration)),
        ...(await http(configuration)),
        ...(await certificateFindings(configuration)),
        await influx(configuration),
        ...channelFindings(configuration),
      ]
      const json = options['json'] === true
      printList(
        findings.map((each) => ({ ...each })),
        ['check', 'state', 'found'],
        json,
      )
      if (!json)
        for (const { check, remedy } of findings)
          if (remedy !== undefined) terminal.print(`${check}: ${remedy}`)
      if (findings.some((each) => each.state === 'bad')) setExitCode(1)
    },
  )
}

async function disk(configuration: Configuration): Promise<Finding> {
  const root = configuration.data_dir
  try {
    const { freeBytes, totalBytes } = await nodeDisk().space(root)
    const neededBytes = (configuration.journal_free_mib ?? Math.min(2048, (totalBytes / MIB) * 0.05)) * MIB
    const inMiB = (bytes: number): number => Math.floor(bytes / MIB)
    const free = `${inMiB(freeBytes)} MiB free of ${inMiB(totalBytes)}`
    const found = `${free}; acknowledging stops below ${inMiB(neededBytes)}`
    return freeBytes > neededBytes
      ? { check: 'disk', state: 'ok', found }
      : { check: 'disk', state: 'bad', found, remedy: `Free space on the disk of ${root}.` }
  } catch {
    // Nothing is lost: a folder that is not there yet is what a first start finds.
    return {
      check: 'disk',
      state: 'note',
      found: `${root} does not exist yet`,
      remedy: 'It is made by the first start.',
    }
  }
}

async function core(configuration: Configuration): Promise<readonly Finding[]> {
  try {
    const told = await withCore(configuration, async (open) => {
      const status = await open.status()
      return status === undefined ? undefined : { status, identities: await identityFinding(open) }
    })
    if (told === undefined) {
      return [{ check: 'core', state: 'note', found: 'not running', remedy: HOW_TO_START }]
    }
    const { status, identities } = told
    const behind = status.durableEnd === null ? 'unknown' : String(status.durableEnd - status.ingest)
    const found = `ingest at record ${status.ingest}, ${behind} behind the journal, census at ${status.census}`
    return [
      { check: 'core', state: 'ok', found },
      projectionFinding(status.influx),
      auditLog(status.audit),
      balanceFinding(status.balance),
      clockFinding(status.clock),
      identities,
    ]
  } catch (thrown) {
    return [
      {
        check: 'core',
        state: 'bad',
        found: reasonOf(thrown),
        remedy: `Look at the log of the process that holds ${dataLayout(configuration.data_dir).root}.`,
      },
    ]
  }
}

function auditLog({ waiting, trouble }: AuditStatus): Finding {
  const check = 'audit log'
  const behind = `${waiting ?? 'an unknown number of'} acts not yet copied`
  if (trouble !== null) {
    return { check, state: 'bad', found: `${behind}; ${trouble.reason}`, remedy: trouble.remedy }
  }
  return { check, state: 'ok', found: waiting === 0 ? 'holds every act' : behind }
}

async function http(configuration: Configuration): Promise<readonly Finding[]> {
  const scheme = configuration.http_tls ? 'https' : 'http'
  const url = `${scheme}://${configuration.http_host}:${configuration.http_port}/readyz`
  try {
    const answer = await askOwnServer(url, ANSWER_MS_MAX)
    const clock = clockOf(answer.text)
    return answer.status === 200
      ? [{ check: 'HTTP', state: 'ok', found: `${url} is ready` }, ...clock]
      : [
          { check: 'HTTP', state: 'bad', found: `${url} answers ${answer.status}`, remedy: `Read ${url}.` },
          ...clock,
        ]
  } catch {
    // Nothing is lost: an address nobody listens on is a finding like any other.
    return [
      {
        check: 'HTTP',
        state: 'note',
        found: `nobody answers ${url}`,
        remedy: HOW_TO_START,
      },
    ]
  }
}

/** What `/readyz` says of the clock when the last record lies ahead of it, whether it is ready or not. */
function clockOf(readiness: string): readonly Finding[] {
  const aheadS = /\bahead by (\d+) s\b/.exec(readiness)?.[1]
  if (aheadS === undefined) return []
  const found = `the last record was received ${aheadS} s ahead of the clock`
  const remedy =
    'Set the clock of this machine right (NTP). Until it has caught up, records carry the time of the last one; ARCHITECTURE.md says what to do when that takes too long.'
  return [{ check: 'clock', state: 'bad', found, remedy }]
}

async function influx(configuration: Configuration): Promise<Finding> {
  const check = 'InfluxDB'
  if (configuration.influx_url === undefined) return { check, state: 'note', found: 'not configured' }
  try {
    const answer = await fetchUrl(new URL('ping', withSlash(configuration.influx_url)), {
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    const version = answer.headers.get('x-influxdb-version') ?? 'unknown version'
    return {
      check,
      state: answer.ok ? 'ok' : 'bad',
      found: `${configuration.influx_url} answers, ${version}`,
    }
  } catch (thrown) {
    return {
      check,
      state: 'bad',
      found: `${configuration.influx_url} does not answer: ${reasonOf(thrown)}`,
      remedy:
        'Start InfluxDB or correct influx_url. Alarms and records do not need it; it catches up by itself.',
    }
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

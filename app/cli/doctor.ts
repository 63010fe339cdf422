import type { Command } from 'commander'
import { reasonOf } from '../../domain/index.ts'
import { type Configuration, secretsOf } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { endProcess, setExitCode, terminal } from '../doors/terminal.ts'
import { scrubber } from '../scrub.ts'
import { certificateFindings } from './doctor-certificates.ts'
import { channelFindings } from './doctor-channels.ts'
import { configurationFindings } from './doctor-configuration.ts'
import { coreFindings } from './doctor-core.ts'
import { diskFinding } from './doctor-disk.ts'
import type { Finding } from './doctor-finding.ts'
import { forecastFindings } from './doctor-forecast.ts'
import { httpFindings } from './doctor-http.ts'
import { influxFinding } from './doctor-influx.ts'
import { journalFindings } from './doctor-journal.ts'
import { memoryFinding } from './doctor-memory.ts'
import { portFindings } from './doctor-ports.ts'
import { versionFindings } from './doctor-versions.ts'
import { printList } from './print.ts'
import { type CommandOptions, runs } from './run.ts'

/** Nobody waits longer for a check: what takes so long is itself what was looked for. */
const CHECK_MS_MAX = 8_000

/** One check: what it looks at, and how. It gives up when the signal aborts, if it can. */
export interface Check {
  readonly name: string
  readonly look: (signal: AbortSignal) => Promise<readonly Finding[] | Finding>
}

/** Adds `doctor`: exit code 1 when something is bad. */
export function addDoctor(program: Command): void {
  runs(
    program
      .command('doctor')
      .description(
        'look at settings, versions, disk, memory, ports, core, HTTP, certificates, InfluxDB and channels, and say what to do',
      ),
    async (configuration, options) => {
      const { findings, isLate } = await allFindings(checksOf(configuration, options), CHECK_MS_MAX)
      const code = findings.some((each) => each.state === 'bad') ? 1 : 0
      // a check that fits its words to what others say cannot know every secret
      show(findings.map(withoutSecrets(configuration)), options['json'] === true)
      setExitCode(code)
      // what did not end must not keep the terminal
      if (isLate) endProcess(code)
    },
  )
}

function checksOf(configuration: Configuration, options: CommandOptions): readonly Check[] {
  return [
    { name: 'configuration', look: () => configurationFindings(configuration, options) },
    { name: 'versions', look: (signal) => versionFindings(configuration, signal) },
    { name: 'disk', look: () => diskFinding(configuration) },
    { name: 'disk forecast', look: (signal) => forecastFindings(configuration, signal) },
    { name: 'memory', look: () => memoryFinding(configuration) },
    { name: 'journal', look: () => journalFindings(configuration) },
    { name: 'core', look: () => coreFindings(configuration) },
    { name: 'ports', look: () => portFindings(configuration) },
    { name: 'HTTP', look: () => httpFindings(configuration) },
    { name: 'TLS certificate', look: () => certificateFindings(configuration) },
    { name: 'InfluxDB', look: (signal) => influxFinding(configuration, signal) },
    { name: 'channels', look: () => channelFindings(configuration) },
  ]
}

/**
 * The findings of all checks, in their order. They run side by side; one that fails or does not end in time is a
 * finding itself, and `isLate` says that one is still under way.
 */
export async function allFindings(
  checks: readonly Check[],
  msMax: number,
): Promise<{ readonly findings: readonly Finding[]; readonly isLate: boolean }> {
  const late = new AbortController()
  const over = new AbortController()
  const timeUp = systemClock.sleep(msMax, over.signal).then(() => {
    late.abort()
  })
  let isLate = false
  const findings = await Promise.all(
    checks.map(async ({ name, look }) => {
      const onTime = look(late.signal).catch((thrown: unknown) => failed(name, thrown))
      const found = await Promise.race([onTime, timeUp])
      if (found !== undefined) return found
      isLate = true
      return unfinished(name, msMax)
    }),
  )
  over.abort()
  return { findings: findings.flat(), isLate }
}

function failed(check: string, thrown: unknown): Finding {
  const remedy = 'Report it when it happens again: this check should not fail.'
  return { check, state: 'bad', found: `it could not be looked at: ${reasonOf(thrown)}`, remedy }
}

function unfinished(check: string, msMax: number): Finding {
  const found = `it did not end within ${msMax / 1_000} s`
  return { check, state: 'bad', found, remedy: 'Look at disk and network: something hangs. Then ask again.' }
}

function withoutSecrets(configuration: Configuration): (finding: Finding) => Finding {
  const scrub = scrubber(secretsOf(configuration))
  return ({ check, state, found, remedy }) => ({
    check,
    state,
    found: scrub(found),
    ...(remedy === undefined ? {} : { remedy: scrub(remedy) }),
  })
}

function show(findings: readonly Finding[], json: boolean): void {
  printList(
    findings.map((each) => ({ ...each })),
    ['check', 'state', 'found'],
    json,
  )
  if (json) return
  for (const { check, remedy } of findings) if (remedy !== undefined) terminal.print(`${check}: ${remedy}`)
}

import { join } from 'node:path'
import { type Comparison, compare } from '../support/acked-load/ledger.ts'
import { AckedLoad, lastingPort } from '../support/acked-load/load.ts'
import { settledBalance, storedReadings } from '../support/acked-load/read-back.ts'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'
import { openSmallDisk, type SmallDisk } from './small-disk.ts'

/** What a full disk is told. */
export interface DiskOutageOptions {
  /** How long the disk stays full each time. */
  readonly seconds: number
  readonly ratePerSecond: number
  readonly seed: number
  readonly tell: (line: string) => void
}

/** What came of it. */
export interface DiskOutcome extends Comparison {
  readonly disk: SmallDisk['kind']
  /** Acknowledged while less than the reserve was free; must be 0. */
  readonly ackedWhileFull: number
  /** What `/readyz` said of the journal, and the doctor of the disk, meanwhile. */
  readonly readyz: string
  readonly doctor: string
  /** From the space given back to the next acknowledgement, at the worst, seconds. */
  readonly recoveredSeconds: number
  /** Processes that ended because of the full disk; must be 0. */
  readonly ended: number
  readonly balanced: boolean
}

const DEVICES = ['disk-1', 'disk-2', 'disk-3', 'disk-4']
/** The journal looks at the space once a second. */
const NOTICED_MS_MAX = 20_000
/** Devices try again every 50 ms; the journal looks for space once a second. */
const RECOVERED_MS_MAX = 30_000
const READY_MS_MAX = 60_000
const SETTLE_MS_MAX = 120_000

/** Fills the disk of the data directory under load, kills, starts, frees it, and compares devices and store. */
export async function runDiskOutage(options: DiskOutageOptions): Promise<DiskOutcome> {
  const fromMs = Date.now() - 1_000
  const port = await lastingPort()
  const disk = await openSmallDisk()
  const env = { ISOTHERM_MQTT_PORT: String(port), ISOTHERM_JOURNAL_FREE_MIB: String(disk.reserveMib) }
  const stage = new Stage(env, disk.directory)
  let load: AckedLoad | undefined
  try {
    await stage.open()
    const devices: { id: string; secret: string }[] = []
    for (const id of DEVICES) devices.push({ id, secret: await stage.device(id) })
    const ackLog = join(disk.beside, 'acked.jsonl')
    load = AckedLoad.start({ port, devices, ackLog, ...options })
    const seen = await fillAndFree(stage, load, disk, options)
    await load.drain(() => stage.running.output())
    const balance = await settledBalance(stage, DEVICES, SETTLE_MS_MAX)
    const comparison = await compare(ackLog, storedReadings(stage, DEVICES, fromMs))
    return {
      disk: disk.kind,
      ...comparison,
      ...seen,
      balanced: balance.balanced && balance.readings.stored === comparison.stored,
    }
  } finally {
    await load?.stop()
    await stage.close()
    await disk.remove()
  }
}

/** True when nothing is missing, it refused and said why while the disk was full, and went on by itself. */
export function isDiskSound(outcome: DiskOutcome): boolean {
  const { lost, phantom, balanced, ackedWhileFull, readyz, doctor, ended } = outcome
  const told = readyz === 'full' && doctor === 'bad'
  return lost === 0 && phantom === 0 && balanced && ackedWhileFull === 0 && told && ended === 0
}

type Seen = Pick<DiskOutcome, 'ackedWhileFull' | 'readyz' | 'doctor' | 'recoveredSeconds' | 'ended'>

/** Once for each way in which the disk can be filled. */
async function fillAndFree(
  stage: Stage,
  load: AckedLoad,
  disk: SmallDisk,
  { seconds, ratePerSecond, tell }: DiskOutageOptions,
): Promise<Seen> {
  const told = (): string => stage.running.output()
  const seen = { ackedWhileFull: 0, readyz: 'full', doctor: 'bad', recoveredSeconds: 0, ended: 0 }
  for (const fill of disk.fills) {
    await load.untilAcked(load.counts.acked + ratePerSecond, told)
    await fill()
    const isNoticed = async (): Promise<boolean> => (await journalOf(stage)) !== 'open'
    await waitFor(isNoticed, NOTICED_MS_MAX, told)
    // a supervisor or a power cut starts it on a disk that is full
    await stage.running.kill()
    await stage.adopt(stage.launch(), READY_MS_MAX)
    await waitFor(isNoticed, NOTICED_MS_MAX, told)
    const doctor = await diskByDoctor(stage, disk)
    const before = load.counts.acked
    await new Promise((later) => setTimeout(later, seconds * 1000))
    const readyz = await journalOf(stage)
    seen.ackedWhileFull += load.counts.acked - before
    if (readyz !== 'full') seen.readyz = readyz
    if (doctor !== 'bad') seen.doctor = doctor
    const hasEnded = stage.running.process.exitCode !== null
    disk.free()
    if (hasEnded) {
      seen.ended += 1
      await stage.restart()
    }
    const recoveredSeconds = await recovery(stage, load)
    seen.recoveredSeconds = Math.max(seen.recoveredSeconds, recoveredSeconds)
    tell(
      `disk full: journal ${readyz}, doctor says ${doctor}; goes on ${recoveredSeconds} s after it is freed`,
    )
  }
  return seen
}

/** Seconds until something is acknowledged again. */
async function recovery(stage: Stage, load: AckedLoad): Promise<number> {
  const startMs = performance.now()
  const before = load.counts.acked
  await waitFor(
    () => load.counts.acked > before,
    RECOVERED_MS_MAX,
    () => stage.running.output(),
  )
  return Math.round((performance.now() - startMs) / 100) / 10
}

/** What `/readyz` says of the journal: `open` with 200, anything else with 503; `gone` when nobody answers. */
async function journalOf(stage: Stage): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/readyz`).catch(() => undefined)
  if (answer === undefined) return 'gone'
  const text = await answer.text()
  const state = /\bjournal"?:?"? ?"?(\w+)/.exec(text)?.[1] ?? 'nothing'
  return answer.status === (state === 'open' ? 200 : 503) ? state : `${state} with ${answer.status}`
}

/** What `isotherm doctor` says of the disk; it must end with 1 when that is bad. */
async function diskByDoctor(stage: Stage, { reserveMib }: SmallDisk): Promise<string> {
  const env = { ISOTHERM_JOURNAL_FREE_MIB: String(reserveMib) }
  const { code, out } = await stage.folder.run(['doctor', '--json'], env)
  const findings = JSON.parse(out) as { check: string; state: string }[]
  const state = findings.find(({ check }) => check === 'disk')?.state ?? 'nothing'
  return code === (state === 'bad' ? 1 : 0) ? state : `${state} with exit code ${code}`
}

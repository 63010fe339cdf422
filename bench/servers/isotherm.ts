import { DatabaseSync } from 'node:sqlite'
import { type LocalCore, withCore } from '../../app/cli/local-core.ts'
import { loadConfiguration } from '../../app/config/index.ts'
import { dataLayout } from '../../app/layout.ts'
import type { CoreStatus } from '../../app/link/protocol.ts'
import { nodeEnvironment, nodeOptions } from '../../bin/node-options.mjs'
import { IsothermFolder, type RunningIsotherm, waitFor } from '../../tests/support/isotherm.ts'
import type { Credentials } from '../load/device.ts'
import type { Server } from './server.ts'

/** A start takes two seconds, and many times that on a busy machine. */
const READY_MS_MAX = 120_000
/** Commands under way at once while devices are registered. */
const UNDER_WAY = 64
/** Ingest takes thousands of records a second, and a flood leaves it a million behind. */
const STANDSTILL_MS_MAX = 30_000

/** What became of everything the journal took, by the store's own counters (design section 1, promise 2). */
export interface Tally {
  readonly journalled: number
  readonly decoded: number
  readonly heldMessages: number
  readonly readings: number
  readonly stored: number
  readonly complement: number
  readonly duplicate: number
  readonly heldReadings: number
}

/** A running `isotherm start --no-demo`, as an operator starts it, with real devices registered in it. */
export interface IsothermServer extends Server {
  readonly httpPort: number
  readonly dataDir: string
  /** Waits until ingest has taken all that was journalled, and says what became of it. */
  settled(): Promise<Tally>
  /** How far its followers are. */
  status(): Promise<CoreStatus | undefined>
  /** True once the process is no more. */
  ended(): boolean
  /** SIGKILL, at once. */
  kill(): Promise<void>
  /** Starts it again after `kill`, on the same port and folder; resolves when it says that it is ready. */
  restart(): Promise<void>
}

/** What a benchmark has beside devices. */
export interface Furnishing {
  readonly environment?: NodeJS.ProcessEnv
  /** Enters more facts, once the devices are registered. */
  readonly furnish?: (core: LocalCore, devices: readonly Credentials[]) => Promise<void>
}

/** Starts Isotherm with `count` devices, on the file system of the folder for temporary files. */
export async function startIsotherm(count: number, more: Furnishing = {}): Promise<IsothermServer> {
  const folder = new IsothermFolder()
  try {
    return await inFolder(folder, count, more)
  } catch (thrown) {
    await folder.remove()
    throw thrown
  }
}

/** As `isotherm start` sets it; tests keep what was compiled, which costs memory. */
const asStarted = { ...nodeEnvironment, NODE_DISABLE_COMPILE_CACHE: '1' }

async function inFolder(
  folder: IsothermFolder,
  count: number,
  { environment, furnish }: Furnishing,
): Promise<IsothermServer> {
  const start = (more: NodeJS.ProcessEnv): Promise<RunningIsotherm> =>
    folder.start(
      ['start', '--no-demo'],
      { ISOTHERM_LOG_LEVEL: 'error', ...asStarted, ...environment, ...more },
      { readyMsMax: READY_MS_MAX, nodeOptions },
    )
  let running = await start({})
  const configuration = loadConfiguration({
    environment: { ISOTHERM_DATA_DIR: folder.dataDir },
    flags: {},
  })
  const devices = await withCore(configuration, async (core) => {
    const registered = await register(core, count)
    await furnish?.(core, registered)
    return registered
  })
  const { mqttPort: port, httpPort } = running
  const ports = { ISOTHERM_MQTT_PORT: String(port), ISOTHERM_HTTP_PORT: String(httpPort) }
  return {
    name: 'isotherm',
    get pid() {
      return running.process.pid ?? 0
    },
    port,
    httpPort,
    dataDir: folder.dataDir,
    devices,
    settled: async () => {
      await withCore(configuration, caughtUp)
      return tallyOf(folder.dataDir)
    },
    status: () => withCore(configuration, (core) => core.status()),
    ended: () => running.process.exitCode !== null || running.process.signalCode !== null,
    kill: () => running.kill(),
    restart: async () => {
      running = await start(ports)
    },
    remove: () => folder.remove(),
  }
}

async function register(core: LocalCore, count: number): Promise<readonly Credentials[]> {
  await core.command('organisation.create', {
    id: 'bench',
    parent: null,
    kind: 'cdc',
    name: 'Bench',
    demo: false,
  })
  await core.command('site.create', {
    id: 'hall',
    organisation: 'bench',
    name: 'Hall',
    zone: 'Asia/Shanghai',
  })
  const create = async (nth: number): Promise<Credentials> => {
    const id = `device-${String(nth).padStart(5, '0')}`
    const { secret } = await core.command('device.create', { id, site: 'hall', kind: 'real' })
    return { id, secret }
  }
  const devices: Credentials[] = []
  await inTurns(count, async (nth) => {
    devices[nth] = await create(nth)
  })
  return devices
}

/** Does something for 0 to `count`, some of them at once. */
export async function inTurns(count: number, work: (nth: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < count; first += UNDER_WAY) {
    await Promise.all(
      Array.from({ length: Math.min(UNDER_WAY, count - first) }, async (_, nth) => work(first + nth)),
    )
  }
}

async function caughtUp(core: LocalCore): Promise<void> {
  let best = -1
  let movedMs = performance.now()
  await waitFor(async () => {
    const status = await core.status()
    const reached = Math.min(status?.ingest ?? 0, status?.census ?? 0)
    if (reached > best) {
      best = reached
      movedMs = performance.now()
    }
    if (performance.now() - movedMs > STANDSTILL_MS_MAX) throw new Error(`ingest stands still at ${reached}`)
    return reached >= (status?.durableEnd ?? Number.POSITIVE_INFINITY)
  }, Number.POSITIVE_INFINITY)
}

/** Read beside the running core: SQLite lets readers in. */
function tallyOf(dataDir: string): Tally {
  const store = new DatabaseSync(dataLayout(dataDir).readings, { readOnly: true })
  try {
    const sum = (column: string): number =>
      Number(store.prepare(`select sum(${column}) total from device_count`).get()?.['total'])
    return {
      journalled: sum('journalled'),
      decoded: sum('decoded'),
      heldMessages: sum('held_messages'),
      readings: sum('readings'),
      stored: sum('stored'),
      complement: sum('complement'),
      duplicate: sum('duplicate'),
      heldReadings: sum('held_readings'),
    }
  } finally {
    store.close()
  }
}

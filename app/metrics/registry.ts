import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type MetricName, metricDefinitions, type Sample } from './definitions.ts'

/** The metrics of this process, in the text format of Prometheus. */
export interface Metrics {
  /** How long a write of the journal with its sync took. */
  readonly observeSync: (this: void, durationMs: number) => void
  /** Counts from 0 on how often a thread was started again: call what it answers each time. */
  readonly countRestarts: (this: void, thread: string) => () => void
  /** Adds where numbers come from; asked at each scrape, they must answer soon. */
  addSource(source: SampleSource): void
  readonly text: (this: void) => Promise<string>
}

/** Where numbers come from. */
export type SampleSource = () => readonly Sample[] | Promise<readonly Sample[]>

/** From a good SSD to a disk that hangs: 1.5 keepalives of 10 s are the most devices bear. */
const SYNC_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Opens the registry of a process, with the numbers of process and Node that prom-client knows. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const { help } = metricDefinitions.isotherm_journal_sync_seconds
  const sync = new Histogram({
    name: 'isotherm_journal_sync_seconds',
    help,
    buckets: SYNC_BUCKETS_S,
    registers: [],
  })
  const restarts = new Map<string, number>()
  const sources: SampleSource[] = [
    () =>
      [...restarts].map(([thread, value]) => {
        return { name: 'isotherm_thread_restarts_total', labels: { thread }, value }
      }),
  ]
  let hasSynced = false
  return {
    observeSync: (durationMs) => {
      if (!hasSynced) registry.registerMetric(sync)
      hasSynced = true
      sync.observe(durationMs / 1_000)
    },
    countRestarts: (thread) => {
      restarts.set(thread, 0)
      return () => {
        restarts.set(thread, (restarts.get(thread) ?? 0) + 1)
      }
    },
    addSource: (source) => {
      sources.push(source)
    },
    text: async () => {
      const samples = (await Promise.all(sources.map(async (source) => source()))).flat()
      const told = new Registry()
      put(told, samples)
      return Registry.merge([registry, told]).metrics()
    },
  }
}

/** Puts numbers that were counted elsewhere into a registry; a name that has none is left out. */
function put(registry: Registry, samples: readonly Sample[]): void {
  for (const [name, rows] of Map.groupBy(samples, (sample) => sample.name)) {
    const { type, help, labels } = definitionOf(name)
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    if (type === 'counter') {
      const counter = new Counter(options)
      for (const { labels: given = {}, value } of rows) counter.inc(given, value)
    } else {
      const gauge = new Gauge(options)
      for (const { labels: given = {}, value } of rows) gauge.set(given, value)
    }
  }
}

function definitionOf(name: MetricName) {
  return metricDefinitions[name]
}

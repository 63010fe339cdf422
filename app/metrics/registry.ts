import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
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
      const byName = Map.groupBy(samples, (sample) => sample.name)
      return Registry.merge([registry, countersAndGauges(byName), summaries(byName)]).metrics()
    },
  }
}

/** What was told, by name; a name of which nothing was is left out. */
type Told = ReadonlyMap<MetricName, readonly Sample[]>

/** A registry of numbers that were counted elsewhere. */
function countersAndGauges(told: Told): Registry {
  const registry = new Registry()
  for (const [name, rows] of told) {
    const { type, help, labels } = definitionOf(name)
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    if (type === 'counter') {
      const counter = new Counter(options)
      for (const { labels: given = {}, value } of rows) counter.inc(given, value)
    } else if (type === 'gauge') {
      const gauge = new Gauge(options)
      for (const { labels: given = {}, value } of rows) gauge.set(given, value)
    }
  }
  return registry
}

/** A summary of prom-client only measures by itself; what another process sums up it takes in the form of its own. */
function summaries(told: Told): Registry {
  const summed = [...told].flatMap(([name, rows]) => {
    const { type, help } = definitionOf(name)
    if (type !== 'summary') return []
    const values = rows.map(({ labels = {}, value, part }) => {
      return { labels, value, metricName: `${name}_${part ?? 'sum'}` }
    })
    return [{ name, help, type, aggregator: 'first', values }]
  })
  return AggregatorRegistry.aggregate([summed])
}

function definitionOf(name: MetricName) {
  return metricDefinitions[name]
}

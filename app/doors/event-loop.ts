import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Sample } from '../metrics/definitions.ts'

const RESOLUTION_MS = 10
const NS_PER_S = 1e9
/** Each interval is told on its own, for a maximum of last week tells nothing about now. */
const INTERVAL_MS = 15_000

/**
 * Watches how late timers come in this thread. Answers the last whole interval and what there is of the next, by
 * statistic; the resolution itself is no delay.
 */
export function watchEventLoop(thread: string): () => readonly Sample[] {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  const quantiles = () =>
    [50, 99, 100].map((percent) => {
      const ns = histogram.count === 0 ? 0 : percent === 100 ? histogram.max : histogram.percentile(percent)
      return Math.max(0, ns / NS_PER_S - RESOLUTION_MS / 1_000)
    })
  let last = [0, 0, 0]
  setInterval(() => {
    last = quantiles()
    histogram.reset()
  }, INTERVAL_MS).unref()
  return () => {
    const now = quantiles()
    return ['median', 'p99', 'max'].map((statistic, at) => ({
      name: 'isotherm_event_loop_delay_seconds',
      labels: { thread, statistic },
      value: Math.max(last[at] ?? 0, now[at] ?? 0),
    }))
  }
}

import type { Influxd } from '../support/influxd.ts'

const LOOK_MS = 200

/** Points in InfluxDB, asked without any code of the product. */
export async function countIn({ url }: Influxd): Promise<number> {
  const query = new URLSearchParams({ db: 'isotherm', q: 'SELECT count(received_ms) FROM reading' })
  const answer = await fetch(`${url}/query?${query.toString()}`)
  const { results } = (await answer.json()) as { results: { series?: { values: number[][] }[] }[] }
  return results[0]?.series?.[0]?.values[0]?.[1] ?? 0
}

/** Waits for so many points, or as long as it is worth it; answers how many there were in the end. */
export async function countedUpTo(
  influxd: Influxd,
  wanted: number,
  timeoutMs: number,
  onCount: (influx: number) => void = () => undefined,
): Promise<{ readonly influx: number; readonly seconds: number }> {
  const startMs = performance.now()
  for (;;) {
    const influx = await countIn(influxd)
    onCount(influx)
    const tookMs = performance.now() - startMs
    if (influx === wanted || tookMs > timeoutMs) return { influx, seconds: Math.round(tookMs / 100) / 10 }
    await new Promise((later) => setTimeout(later, LOOK_MS))
  }
}

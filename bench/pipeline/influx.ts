/** Asks InfluxDB by itself, with nothing of Isotherm. */
export interface Database {
  readonly url: string
  readonly name: string
}

/** Readings that are there: every point has `received_ms`. */
export async function countIn({ url, name }: Database): Promise<number> {
  const query = new URLSearchParams({ db: name, q: 'SELECT count("received_ms") FROM "reading"' })
  const answer = await fetch(`${url}/query?${query.toString()}`)
  const body = (await answer.json()) as {
    readonly results?: readonly { readonly series?: readonly { readonly values: readonly number[][] }[] }[]
  }
  return body.results?.[0]?.series?.[0]?.values[0]?.[1] ?? 0
}

const CONNECTIONS = 2

/**
 * Writes line protocol straight into a new database, over two connections, and waits until all of it is counted.
 * Answers the seconds that took.
 */
export async function writeDirectly(
  database: Database,
  bodies: readonly Buffer[],
  points: number,
): Promise<number> {
  const { url, name } = database
  await fetch(`${url}/query`, {
    method: 'POST',
    body: new URLSearchParams({ q: `CREATE DATABASE "${name}"` }),
  })
  const startMs = performance.now()
  let next = 0
  const connection = async (): Promise<void> => {
    const query = new URLSearchParams({ db: name, precision: 'ns' })
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const answer = await fetch(`${url}/write?${query.toString()}`, {
        method: 'POST',
        body: new Uint8Array(body),
      })
      const text = await answer.text()
      if (answer.status !== 204) throw new Error(`InfluxDB answered ${answer.status}: ${text}`)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  const found = await countIn(database)
  const seconds = (performance.now() - startMs) / 1_000
  if (found !== points) throw new Error(`${points} points were written and ${found} are counted`)
  return seconds
}

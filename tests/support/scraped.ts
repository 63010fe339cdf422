/** What `/metrics` told. */
export interface Scraped {
  readonly text: string
  /** Values by name with labels, as they are written. */
  readonly numbers: Readonly<Record<string, number>>
  /** The names of our own of which something was told. */
  readonly names: ReadonlySet<string>
}

/** Asks a running Isotherm on this machine for its metrics; throws unless they come. */
export async function scraped(httpPort: number, token?: string): Promise<Scraped> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(`http://127.0.0.1:${httpPort}/metrics`, { headers })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${text}`)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return {
    text,
    numbers: Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    ),
    names: new Set([...text.matchAll(/^# TYPE (isotherm_\w+) /gm)].map(([, name = '']) => name)),
  }
}

/** A variable with what is chosen of it. */
export interface Chosen {
  readonly value: string | readonly string[]
  readonly multi: boolean
  /** The whole was chosen, and the variable says what that is in a query. */
  readonly isAllValue: boolean
}

/** What a query is asked for. */
export interface Asked {
  readonly fromMs: number
  readonly toMs: number
  readonly interval: string
  readonly variables: ReadonlyMap<string, Chosen>
}

const VARIABLE = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}/g

/**
 * A query as Grafana sends it: first its browser puts in variables (several as an escaped alternative), then its back
 * end the time filter and the interval. What is no variable stays, as there.
 */
export function interpolated(query: string, asked: Asked): string {
  const { fromMs, toMs, interval } = asked
  return query
    .replaceAll(VARIABLE, (whole: string, plain?: string, braced?: string) => {
      const name = plain ?? braced ?? ''
      if (name === '__from') return String(fromMs)
      if (name === '__to') return String(toMs)
      const chosen = asked.variables.get(name)
      return chosen === undefined ? whole : inQuery(name, chosen, query)
    })
    .replaceAll('$timeFilter', `time >= ${fromMs}ms and time <= ${toMs}ms`)
    .replaceAll('$__interval', interval)
}

function inQuery(name: string, { value, multi, isAllValue }: Chosen, query: string): string {
  if (isAllValue) return String(value)
  if (typeof value !== 'string') return `(${value.map(escaped).join('|')})`
  if (!Number.isNaN(Number.parseFloat(value))) return value
  const isInRegex = new RegExp(String.raw`[=!]~\s*/[^/]*\$\{?${name}\b`).test(query)
  return multi || isInRegex ? escaped(value) : value
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`)
}

/** What people see and queries get of an answer of a variable: by its regular expression, where it has one. */
export function optionsOf(
  answers: readonly string[],
  regex: string | undefined,
): readonly { readonly text: string; readonly value: string }[] {
  const found = answers.flatMap((answer) => {
    if (regex === undefined || regex === '') return [{ text: answer, value: answer }]
    const groups = new RegExp(regex.slice(1, -1)).exec(answer)?.groups
    if (groups?.['value'] === undefined) return []
    return [{ text: groups['text'] ?? groups['value'], value: groups['value'] }]
  })
  return [...new Map(found.map((each) => [each.value, each])).values()]
}

/** Intervals Grafana rounds to, ms. */
const steps: readonly (readonly [ms: number, text: string])[] = [
  [60_000, '1m'],
  [600_000, '10m'],
  [3_600_000, '1h'],
  [86_400_000, '1d'],
]

/** The interval of a panel over a time: about a thousand points, and no shorter than the panel says. */
export function intervalOf(fromMs: number, toMs: number, least: string | undefined): string {
  const leastMs = steps.find(([, text]) => text === least)?.[0] ?? 60_000
  const wantedMs = Math.max((toMs - fromMs) / 1_000, leastMs)
  return steps.find(([ms]) => ms >= wantedMs)?.[1] ?? '1d'
}

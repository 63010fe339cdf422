import { importsOf } from './imports.ts'
import { type Finding, isProduct, lineOf, type Source } from './source.ts'

/** A way to the world outside that has one door, so that a simulation can own it. */
export interface Door {
  readonly name: string
  readonly pattern: RegExp
  readonly remedy: string
}

/** Calls that are made in `app/doors` only. Names after a dot are the methods of something passed in. */
export const doors: readonly Door[] = [
  {
    name: 'time',
    pattern: /\bDate\.now\b|\bnew Date(?:\(\s*\)|\s*[^\s(])|(?<!new )(?<![.\w])Date\(|\bperformance\./g,
    remedy: 'take a Clock as argument (domain/ports.ts)',
  },
  {
    name: 'timers',
    pattern: /(?<![.\w])(?:setTimeout|setInterval|setImmediate)\b/g,
    remedy: 'take a Clock as argument and use its sleep',
  },
  {
    name: 'randomness',
    pattern:
      /\bMath\.random\b|\b(?:randomBytes|randomUUID|randomInt|randomFill|randomFillSync|getRandomValues)\b/g,
    remedy: 'take a Random as argument (domain/ports.ts)',
  },
  {
    name: 'process',
    pattern: /(?<![.\w])process\.(?!nextTick\b)|\bconsole\./g,
    remedy: 'take the value or a Log as argument; app/doors/environment.ts and app/doors/terminal.ts have it',
  },
  {
    name: 'network',
    pattern: /(?<![.\w])fetch\s*\(|\bnew WebSocket\b/g,
    remedy: 'take a function or a server as argument; app/doors/network.ts has it',
  },
]

/** Modules that are a door by themselves; their types may be imported anywhere. */
export const doorModules: readonly RegExp[] = [
  /^node:fs(?:\/|$)/,
  /^node:(?:net|http|https|http2|tls|dgram|dns|cluster|child_process|worker_threads|os|process|readline|tty|repl)(?:\/|$)/,
  /^node:(?:timers|perf_hooks)(?:\/|$)/,
]

/** The one folder that may touch the world. */
const DOORS = 'app/doors/'

/** A row for each place that touches the world outside of `app/doors` all the same, and why. */
export const exceptions: readonly {
  readonly path: string
  readonly door: string
  readonly reason: string
}[] = ['time', 'timers', 'network'].map((door) => ({
  path: 'dashboards/live/src/doors.ts',
  door,
  reason: 'the page runs in a browser: this file is its door to the world',
}))

/** Where a source of the product touches the world without being a door. */
export function doorFindings(source: Source, allowed = exceptions): readonly Finding[] {
  if (!isProduct(source.path) || source.path.startsWith(DOORS)) return []
  const isExcepted = (door: string) => allowed.some((row) => row.path === source.path && row.door === door)
  const calls = doors
    .filter(({ name }) => !isExcepted(name))
    .flatMap(({ name, pattern, remedy }) =>
      [...source.code.matchAll(pattern)].map((match) => ({
        path: source.path,
        line: lineOf(source, match.index),
        what: `${match[0].trim()} reaches for ${name} outside ${DOORS}`,
        remedy,
      })),
    )
  const modules = importsOf(source)
    .filter(({ specifier, typeOnly }) => !typeOnly && doorModules.some((pattern) => pattern.test(specifier)))
    .filter(({ specifier }) => !isExcepted(specifier))
    .map(({ specifier, line }) => ({
      path: source.path,
      line,
      what: `imports ${specifier} outside ${DOORS}`,
      remedy: 'take a port as argument and let app pass in what app/doors makes',
    }))
  return [...calls, ...modules]
}

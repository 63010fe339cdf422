import { dirname, join } from 'node:path'

/**
 * What Isotherm's Node is started with.
 *
 * Each of its five threads has a space for what has just been made, which grows to 48 MiB by default and stays: 85 of
 * the 400 MiB of an idle server, and more with many connections. Under a flood the smaller one cost the thread of
 * acknowledgements no processor time that could be told from none.
 *
 * What lives longer is looked through once it has grown by 40 percent. By default it may grow several times over, and
 * after a minute of `npm run fuzz` a server took 735 MiB, with 70 MiB of living objects in its largest heap; with this
 * it took 432, and 10,000 idle devices 468 instead of 532. A flood costs almost half as much processor time again:
 * bench/README.md has what other shares cost.
 */
export const nodeOptions = ['--max-semi-space-size=4', '--heap-growing-percent=40']

/** Two arenas of the C library for all threads together, not eight for each core: 20 MiB less when idle. */
export const nodeEnvironment = { MALLOC_ARENA_MAX: '2' }

/** Where Node keeps what it made of modules, types taken out and compiled; where it cannot write, it goes without. */
export const compileCache = join(dirname(import.meta.dirname), '.runtime', 'compile-cache')

const lasting = ['start', 'gateway', 'core', 'api', 'sim']

/**
 * The environment of a command. What a short one compiled is kept for the next, which takes a quarter less time with
 * it. Not so what lasts: it would take 15 to 34 MiB more for as long as it runs.
 */
export function environmentOf(words) {
  const name = words.find((word) => !word.startsWith('-'))
  if (lasting.includes(name)) return nodeEnvironment
  return { ...nodeEnvironment, NODE_COMPILE_CACHE: compileCache }
}

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

/**
 * Two arenas of the C library for all threads together, not eight for each core: 20 MiB less when idle.
 *
 * What Node makes of a module, types taken out and compiled, is kept beside the checkout's Node for the next process:
 * a short command takes a quarter less time. Where the folder cannot be written, Node goes without.
 */
export const nodeEnvironment = {
  MALLOC_ARENA_MAX: '2',
  NODE_COMPILE_CACHE: join(dirname(import.meta.dirname), '.runtime', 'compile-cache'),
}

import { afterEach, expect, test } from 'vitest'
import { type LastingThread, startLastingThread } from '../../app/lasting-thread.ts'
import type { LogFields } from '../../domain/index.ts'
import { waitFor } from '../support/isotherm.ts'

const lines: [LogFields, string][] = []
const collect = (fields: LogFields, message: string): void => void lines.push([fields, message])
const log = { debug: collect, info: collect, warn: collect, error: collect }

/** Waits between a death and the next start, for the test to end. */
const waits: { ms: number; end: () => void }[] = []
const clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal?.addEventListener('abort', () => resolve(), { once: true })
      waits.push({ ms, end: resolve })
    }),
}

let thread: LastingThread
afterEach(async () => {
  await thread.stop()
  lines.length = 0
  waits.length = 0
})

function start(): void {
  const url = new URL('./dying-thread.ts', import.meta.url)
  thread = startLastingThread({ name: 'test', url, data: undefined, clock, log })
}

test('a thread that died is started again after a second, and answers again', async () => {
  start()
  expect(await thread.call('greet', 'one')).toBe('hello one')
  await thread.call('die', 'error')
  await waitFor(() => waits.length === 1, 5_000)
  expect(waits[0]?.ms).toBe(1_000)
  expect(lines).toEqual([[{ thread: 'test', reason: 'a plain error' }, 'a thread died and is started again']])
  await expect(thread.call('greet', 'two')).rejects.toMatchObject({ code: 'core-unavailable' })
  waits[0]?.end()
  await waitFor(
    () =>
      thread.call('greet', 'three').then(
        (answer) => answer === 'hello three',
        () => false,
      ),
    5_000,
  )
})

test('a thread that is stopped is not started again, also while it waits for its next start', async () => {
  start()
  await thread.call('die', 'error')
  await waitFor(() => waits.length === 1, 5_000)
  await thread.stop()
  waits[0]?.end()
  await new Promise((resolve) => setTimeout(resolve, 50))
  await expect(thread.call('greet', 'two')).rejects.toMatchObject({ code: 'core-unavailable' })
  expect(lines).toHaveLength(1)
})

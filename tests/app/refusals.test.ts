import { describe, expect, test } from 'vitest'
import { openRefusalTally } from '../../app/parts/refusals.ts'
import type { Log } from '../../domain/index.ts'
import type { CommandPort, RefusalCount } from '../../store/index.ts'

const HOUR_MS = 3_600_000
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A clock that stands still and whose waits end at once; stops the run after `rounds` of them. */
function clockFor(rounds: number, stop: AbortController) {
  let slept = 0
  return {
    nowMs: () => 10 * HOUR_MS + 5,
    monotonicMs: () => 0,
    sleep: () => {
      slept += 1
      if (slept >= rounds) stop.abort()
      return Promise.resolve()
    },
  }
}

describe('refusals', () => {
  test('a flood of one kind is one row an hour', async () => {
    const stop = new AbortController()
    const tally = openRefusalTally(clockFor(1, stop))
    for (let time = 0; time < 1_000; time += 1) tally.count('fridge-1', 'wrong-secret')
    tally.count(undefined, 'unknown-device')
    const given: (readonly RefusalCount[])[] = []
    await tally.run(takes(given), silent, stop.signal)
    expect(given).toEqual([
      [
        { device: 'fridge-1', reason: 'wrong-secret', hourMs: 10 * HOUR_MS, count: 1_000 },
        { device: '', reason: 'unknown-device', hourMs: 10 * HOUR_MS, count: 1 },
      ],
    ])
  })

  test('what the core does not take is kept, added to, and handed over later', async () => {
    const stop = new AbortController()
    const tally = openRefusalTally(clockFor(2, stop))
    tally.count('fridge-1', 'foreign-topic')
    const given: (readonly RefusalCount[])[] = []
    let first = true
    const port = takes(given, () => {
      if (!first) return
      first = false
      tally.count('fridge-1', 'foreign-topic')
      throw new RangeError('the core is away')
    })
    await tally.run(port, silent, stop.signal)
    expect(given).toMatchObject([[{ device: 'fridge-1', count: 2 }]])
  })

  test('the first of a kind is told at once, the rest of the hour every 10 s', async () => {
    const stop = new AbortController()
    let nowMs = 0
    const given: [number, number][] = []
    const clock = {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: (ms: number) => {
        nowMs += ms
        tally.count('fridge-1', 'wrong-secret')
        if (nowMs >= 25_000) stop.abort()
        return Promise.resolve()
      },
    }
    const tally = openRefusalTally(clock)
    const port = takes([], ({ rows }) => given.push([nowMs, rows[0]?.count ?? 0]))
    await tally.run(port, silent, stop.signal)
    expect(given).toEqual([
      [1_000, 1],
      [11_000, 10],
      [21_000, 10],
      [25_000, 4],
    ])
  })
})

function takes(
  given: (readonly RefusalCount[])[],
  before: (input: { readonly rows: readonly RefusalCount[] }) => void = () => {},
): CommandPort {
  return {
    command: (_name, _actor, input) => {
      const batch = input as { rows: readonly RefusalCount[] }
      before(batch)
      given.push(batch.rows)
      // the only command this part gives
      return Promise.resolve({ added: batch.rows.length } as never)
    },
  }
}

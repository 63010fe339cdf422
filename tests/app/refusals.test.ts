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
})

function takes(given: (readonly RefusalCount[])[], before: () => void = () => {}): CommandPort {
  return {
    command: (_name, _actor, input) => {
      before()
      const { rows } = input as { rows: readonly RefusalCount[] }
      given.push(rows)
      // the only command this part gives
      return Promise.resolve({ added: rows.length } as never)
    },
  }
}

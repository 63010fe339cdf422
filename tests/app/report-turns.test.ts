import { expect, test } from 'vitest'
import { REPORT_MS_MAX, takingTurns, TURN_MS } from '../../app/report/turns.ts'

test('a report rests once a turn is over, and not after each piece of work', async () => {
  const clock = new WorkClock()
  const rest = takingTurns(clock)
  for (let piece = 0; piece < 100; piece += 1) {
    clock.work(1)
    await rest()
  }
  expect(clock.rests).toBe(Math.floor(100 / TURN_MS))
})

test('a report nobody waits for any more is given up', async () => {
  const clock = new WorkClock()
  const rest = takingTurns(clock)
  clock.work(REPORT_MS_MAX)
  await rest()
  clock.work(1)
  await expect(rest()).rejects.toMatchObject({ code: 'core-unavailable' })
})

/** Time passes by work alone. */
class WorkClock {
  rests = 0
  #nowMs = 1_000

  work(durationMs: number): void {
    this.#nowMs += durationMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  async sleep(): Promise<void> {
    this.rests += 1
  }
}

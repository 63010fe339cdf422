import { afterEach, describe, expect, it } from 'vitest'
import type { LoggerRow, ReplayOptions, ReplayProgress } from '../../devices-sim/index.ts'
import { encodeReading, replay } from '../../devices-sim/index.ts'
import type { Clock } from '../../domain/index.ts'
import type { ReplayBroker, Take, Taken } from './replay-broker.ts'
import { realClock, startBroker } from './replay-broker.ts'

const brokers: ReplayBroker[] = []
afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()))
})

async function started(take: Take, port = 0, secret?: string): Promise<ReplayBroker> {
  const broker = await startBroker(take, port, secret)
  brokers.push(broker)
  return broker
}

function rowsOf(count: number, stepMs = 20_000): LoggerRow[] {
  return Array.from({ length: count }, (_, index) => ({
    row: index + 1,
    atMs: 1_455_113_416_000 + index * stepMs,
    temperatureCelsius: 3 + (index % 100) / 10,
  }))
}

function optionsFor(port: number, rows: readonly LoggerRow[]): ReplayOptions {
  return {
    rows,
    device: 'vault-7',
    secret: 's3cret',
    connect: `mqtt://127.0.0.1:${port}`,
    speed: 'max',
    clock: realClock,
  }
}

const payloads = (rows: readonly LoggerRow[]): string[] =>
  rows.map((row) => new TextDecoder().decode(encodeReading(row)))
const acknowledge: Take = () => 'acknowledge'

describe('replay', () => {
  it('sends every row once, in order, and ends when all are acknowledged', async () => {
    const taken: Taken[] = []
    const broker = await started((message) => {
      taken.push(message)
      return 'acknowledge'
    })
    const rows = rowsOf(2_000)
    const told: ReplayProgress[] = []
    const result = await replay({ ...optionsFor(broker.port, rows), onProgress: (each) => told.push(each) })
    expect(result).toEqual({
      sent: 2_000,
      resent: 0,
      acknowledged: 2_000,
      reconnects: 0,
      elapsedMs: result.elapsedMs,
      complete: true,
    })
    expect(taken.map((message) => message.payload)).toEqual(payloads(rows))
    expect(new Set(taken.map(({ topic, clientId, qos }) => `${topic} ${clientId} ${qos}`))).toEqual(
      new Set(['isotherm/v1/vault-7/readings isotherm-replay-vault-7 1']),
    )
    expect(broker.connects()).toBe(1)
    expect(told.at(-1)).toEqual({
      total: 2_000,
      sent: 2_000,
      acknowledged: 2_000,
      reconnects: 0,
      connected: false,
      lastLoss: undefined,
      nextAtMs: null,
      nextInMs: 0,
    })
  })

  it('loses nothing when the server stops in the middle and starts again', async () => {
    const rows = rowsOf(1_500)
    const kept = new Map<string, number>()
    const clients = new Set<string>()
    const keep = (message: Taken): void => {
      kept.set(message.payload, (kept.get(message.payload) ?? 0) + 1)
      clients.add(message.clientId)
    }
    const half = Promise.withResolvers<void>()
    let lost = 0
    const first = await started((message) => {
      if (kept.size < 500) {
        keep(message)
        return 'acknowledge'
      }
      // the power goes: every third was kept but not acknowledged yet and will come twice, the others are gone
      lost += 1
      if (lost % 3 === 0) keep(message)
      half.resolve()
      return 'wait'
    })
    const replaying = replay({ ...optionsFor(first.port, rows), window: 150 })
    await half.promise
    await realClock.sleep(50)
    await first.stop()
    brokers.length = 0
    await realClock.sleep(300)
    await started((message) => {
      keep(message)
      return 'acknowledge'
    }, first.port)
    const result = await replaying
    expect(result).toMatchObject({ sent: 1_500, acknowledged: 1_500, reconnects: 1, complete: true })
    expect(result.resent).toBe(150)
    expect(lost).toBeGreaterThan(0)
    expect(payloads(rows).filter((payload) => !kept.has(payload))).toEqual([])
    expect([...clients]).toEqual(['isotherm-replay-vault-7'])
  })

  it('sends again what a server that cannot keep it did not acknowledge, waiting longer each time', async () => {
    const rows = rowsOf(300)
    const kept: string[] = []
    const refusals = [100, 100, 100, 200]
    const broker = await started(({ payload }) => {
      if (kept.length === refusals[0]) {
        refusals.shift()
        return 'close'
      }
      kept.push(payload)
      return 'acknowledge'
    })
    const slept: number[] = []
    const clock: Clock = {
      ...realClock,
      sleep: (ms, signal) => {
        slept.push(ms)
        return realClock.sleep(ms, signal)
      },
    }
    const result = await replay({ ...optionsFor(broker.port, rows), window: 1, clock })
    expect(result).toMatchObject({ sent: 300, resent: 4, acknowledged: 300, reconnects: 4, complete: true })
    expect(kept).toEqual(payloads(rows))
    expect(broker.connects()).toBe(5)
    expect(slept.slice(0, 4)).toEqual([200, 400, 800, 200])
  })

  it('keeps no more in flight than the window', async () => {
    let pending: (() => void)[] = []
    let most = 0
    const { port } = await started((_message, done) => {
      pending.push(done)
      most = Math.max(most, pending.length)
      if (pending.length === 1) {
        setTimeout(() => {
          for (const acknowledgeOne of pending) acknowledgeOne()
          pending = []
        }, 20)
      }
      return 'wait'
    })
    const result = await replay({ ...optionsFor(port, rowsOf(100)), window: 25 })
    expect(result).toMatchObject({ acknowledged: 100, resent: 0 })
    expect(most).toBe(25)
  })

  it('puts several readings into a message when told to', async () => {
    const taken: string[] = []
    const { port } = await started(({ payload }) => {
      taken.push(payload)
      return 'acknowledge'
    })
    const rows = rowsOf(101)
    const result = await replay({ ...optionsFor(port, rows), readingsPerMessage: 50 })
    expect(result).toMatchObject({ sent: 101, acknowledged: 101 })
    expect(taken).toEqual([
      `[${payloads(rows.slice(0, 50)).join(',')}]`,
      `[${payloads(rows.slice(50, 100)).join(',')}]`,
      payloads(rows.slice(100))[0],
    ])
  })

  it('waits the gaps of the file divided by the speed, steps back costing none', async () => {
    const slept: number[] = []
    let nowMs = 0
    const clock: Clock = {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: async (ms) => {
        slept.push(ms)
        nowMs += ms
      },
    }
    const { port } = await started(acknowledge)
    const atSeconds = [0, 10, 10, 4, 14, 1_514]
    const rows = atSeconds.map((second, index) => ({
      row: index + 1,
      atMs: 1_455_113_416_000 + second * 1000,
      temperatureCelsius: 4,
    }))
    const told: ReplayProgress[] = []
    const onProgress = (each: ReplayProgress): void => void told.push(each)
    const result = await replay({ ...optionsFor(port, rows), speed: 10, clock, onProgress })
    expect(result.acknowledged).toBe(6)
    expect(slept.slice(0, 152)).toEqual(Array.from({ length: 152 }, () => 1_000))
    const long = told.filter((each) => each.nextAtMs === rows.at(-1)?.atMs)
    expect(long.slice(0, 3).map((each) => each.nextInMs)).toEqual([150_000, 149_000, 148_000])
  })

  it('stops at once on the signal and says what was acknowledged', async () => {
    const stop = new AbortController()
    let count = 0
    const { port } = await started(() => {
      count += 1
      if (count <= 40) return 'acknowledge'
      setTimeout(() => stop.abort(), 50)
      return 'wait'
    })
    const result = await replay({ ...optionsFor(port, rowsOf(500)), window: 10, signal: stop.signal })
    expect(result).toMatchObject({ sent: 50, acknowledged: 40, complete: false })
  })

  it('stops on the signal while it waits for a row or for the server', async () => {
    const broker = await started(acknowledge)
    const waiting = new AbortController()
    setTimeout(() => waiting.abort(), 100)
    const slow = await replay({
      ...optionsFor(broker.port, rowsOf(2, 3_600_000)),
      speed: 1,
      signal: waiting.signal,
    })
    expect(slow).toMatchObject({ sent: 1, acknowledged: 1, complete: false })

    const gone = new AbortController()
    const acknowledged = Promise.withResolvers<void>()
    const cut = replay({
      ...optionsFor(broker.port, rowsOf(2, 3_600_000)),
      speed: 1,
      signal: gone.signal,
      onProgress: (progress) => {
        if (progress.acknowledged === 1) acknowledged.resolve()
        if (progress.lastLoss !== undefined) gone.abort()
      },
    })
    await acknowledged.promise
    await broker.stop()
    brokers.length = 0
    expect(await cut).toMatchObject({ sent: 1, acknowledged: 1, reconnects: 0, complete: false })
  })
})

describe('what replay refuses', () => {
  it('a wrong secret: once, not in a loop', async () => {
    const broker = await started(acknowledge)
    const replaying = replay({ ...optionsFor(broker.port, rowsOf(3)), secret: 'wrong' })
    await expect(replaying).rejects.toMatchObject({ name: 'Problem', code: 'bad-credentials' })
    expect(broker.connects()).toBe(1)
  })

  it('a device whose secret stops being right in the middle', async () => {
    const rows = rowsOf(50)
    const half = Promise.withResolvers<void>()
    let count = 0
    const first = await started(() => {
      count += 1
      if (count === 25) half.resolve()
      return count < 25 ? 'acknowledge' : 'wait'
    })
    const replaying = replay(optionsFor(first.port, rows))
    const restart = async (): Promise<void> => {
      await half.promise
      await first.stop()
      brokers.length = 0
      await started(acknowledge, first.port, 'another')
    }
    const [result] = await Promise.allSettled([replaying, restart()])
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'bad-credentials' } })
  })

  it('a server that is not there, and an address that is none', async () => {
    const broker = await startBroker(acknowledge)
    await broker.stop()
    await expect(replay(optionsFor(broker.port, rowsOf(1)))).rejects.toMatchObject({
      code: 'connection-failed',
    })
    await expect(replay({ ...optionsFor(1, rowsOf(1)), connect: 'nonsense' })).rejects.toMatchObject({
      code: 'connection-failed',
    })
  })

  it.each([
    { device: 'a/b' },
    { device: '' },
    { speed: 0 },
    { speed: Number.NaN },
    { window: 0 },
    { window: 1.5 },
    { window: 10_001 },
    { readingsPerMessage: 251 },
  ])('options out of range: %o', async (wrong) => {
    await expect(replay({ ...optionsFor(1, rowsOf(1)), ...wrong })).rejects.toMatchObject({
      code: 'bad-request',
    })
  })
})

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { connectLocal } from '../../app/doors/sockets.ts'
import { openLink } from '../../app/link/index.ts'
import { Problem } from '../../domain/index.ts'
import { closeChannels, overPort, overSocket } from '../support/channels.ts'

afterEach(closeChannels)

describe.each([
  ['a message port', overPort],
  ['a local socket', overSocket],
])('a link over %s', (_, open) => {
  test('answers calls from either side, whole and in order', async () => {
    const [a, b] = await open()
    const left = openLink(a, { calls: { double: (input) => Number(input) * 2 } })
    const right = openLink(b, { calls: { bytes: () => new Uint8Array([1, 2, 3]) } })
    expect(await right.call('double', 21)).toBe(42)
    expect(Array.from((await left.call('bytes', null)) as Uint8Array)).toEqual([1, 2, 3])
    const many = Array.from({ length: 500 }, (_each, index) => right.call('double', index))
    expect(await Promise.all(many)).toEqual(Array.from({ length: 500 }, (_each, index) => index * 2))
  })

  test('carries a megabyte and notices', async () => {
    const [a, b] = await open()
    const heard = Promise.withResolvers<unknown>()
    openLink(a, { calls: { length: (input) => (input as string).length }, notices: { hello: heard.resolve } })
    const right = openLink(b, {})
    expect(await right.call('length', 'x'.repeat(1_000_000))).toBe(1_000_000)
    right.notify('hello', { n: 1 })
    expect(await heard.promise).toEqual({ n: 1 })
  })

  test('carries 60 MB without copying what has arrived for every chunk', async () => {
    const [a, b] = await open()
    openLink(a, { calls: { length: (input) => (input as Uint8Array).length } })
    const bytes = new Uint8Array(60 * 1024 * 1024)
    const busy = performance.eventLoopUtilization()
    expect(await openLink(b, {}).call('length', bytes)).toBe(bytes.length)
    // a thousand chunks of 64 KiB: copying all of them for each would be 30 GB
    expect(performance.eventLoopUtilization(busy).active).toBeLessThan(2_500)
  })

  test('a problem arrives with its code and remedy; anything else as internal', async () => {
    const [a, b] = await open()
    openLink(a, {
      calls: {
        refuse: () => {
          throw new Problem('conflict', { what: 'no', remedy: 'do' })
        },
        break: () => {
          throw new RangeError('off by one')
        },
      },
    })
    const right = openLink(b, {})
    await expect(right.call('refuse', null)).rejects.toMatchObject({
      code: 'conflict',
      message: 'no',
      remedy: 'do',
    })
    const broken = await right.call('break', null).catch((thrown: unknown) => thrown as Problem)
    expect(broken).toMatchObject({ code: 'internal', message: 'break failed: off by one' })
    // where it happened, for whoever logs it
    expect((broken as Problem & { cause: Error }).cause.stack).toMatch(
      /^RangeError: off by one\n.*link\.test\.ts/,
    )
    const refused = await right.call('refuse', null).catch((thrown: unknown) => thrown as Problem)
    expect((refused as Problem).cause).toBeUndefined()
    await expect(right.call('unheard', null)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a call to a side that goes away is refused, not forgotten', async () => {
    const [a, b] = await open()
    openLink(a, { calls: { never: () => new Promise(() => undefined) } })
    const right = openLink(b, {})
    const waiting = right.call('never', null)
    a.close()
    await expect(waiting).rejects.toMatchObject({ code: 'core-unavailable' })
    await expect(right.call('never', null)).rejects.toMatchObject({ code: 'core-unavailable' })
  })

  test('a notice that cannot be taken closes the link on both sides, which say why', async () => {
    const [a, b] = await open()
    const taker = openLink(a, {
      notices: {
        facts: () => {
          throw new RangeError('no such row')
        },
      },
    })
    const giver = openLink(b, { calls: { never: () => new Promise(() => undefined) } })
    const reasons = Promise.all([taker, giver].map((link) => new Promise((told) => link.onClose(told))))
    const waiting = taker.call('never', null)
    giver.notify('facts', {})
    const failed = { code: 'internal', message: expect.stringContaining('no such row') as string }
    await expect(waiting).rejects.toMatchObject({ ...failed, code: 'core-unavailable' })
    expect(await reasons).toMatchObject([failed, failed])
    await expect(giver.call('any', null)).rejects.toMatchObject({ code: 'core-unavailable' })
    // whoever asks later is told as well
    expect(await new Promise((told) => giver.onClose(told))).toMatchObject(failed)
  })

  test('a call is not waited for beyond its signal, and a late answer harms nothing', async () => {
    const [a, b] = await open()
    const late = Promise.withResolvers<number>()
    openLink(a, { calls: { late: () => late.promise, now: () => 1 } })
    const right = openLink(b, {})
    const stop = new AbortController()
    const waiting = right.call('late', null, stop.signal)
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'core-unavailable' })
    await expect(right.call('now', null, stop.signal)).rejects.toMatchObject({ code: 'core-unavailable' })
    late.resolve(2)
    expect(await right.call('now', null)).toBe(1)
  })
})

test('a socket nobody listens on is no error but nobody', async () => {
  expect(await connectLocal(join(tmpdir(), 'isotherm-nobody.sock'))).toBeUndefined()
})

test('a path longer than the system allows is refused with a remedy', () => {
  expect(() => connectLocal(join(tmpdir(), 'x'.repeat(120)))).toThrow(/system allows/)
})

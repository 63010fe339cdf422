import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { median } from '../../bench/bench.ts'
import { Messages, packetIdOf } from '../../bench/load/packets.ts'
import { root } from '../tidy/source.ts'
import { influxdSkipReason } from '../support/influxd.ts'
import { missingProgram } from '../support/services.ts'

const noMosquitto = missingProgram('mosquitto', 'mosquitto')
const noInfluxd = influxdSkipReason()

interface Ended {
  readonly code: number | string | null | undefined
  readonly out: string
  readonly err: string
}

/** Runs the benchmark command as `npm run bench --` does. */
function bench(...words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'bench', 'run.ts'), ...words], (error, out, err) => {
      resolve({ code: error === null ? 0 : error.code, out, err })
    })
  })
}

describe('the command', () => {
  test('tells what there is', async () => {
    const { code, out, err } = await bench('--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('npm run bench -- NAME')
    expect(out).toContain('50x20, 50x20-window, 1000x1, 5000x1')
  })

  test.each([
    [[], 'Name one benchmark'],
    [['toast'], 'There is no benchmark toast'],
    [['gateway', '--case', 'toast'], 'gateway has no case toast'],
    [['gateway', '--seed', '-1'], '--seed'],
    [['gateway', '--toast'], '--toast'],
  ])('ends with 2 and says why: %j', async (words, why) => {
    const { code, out, err } = await bench(...words)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(why)
    expect(err).toContain('gateway')
  })

  test('refuses a file system in memory', async () => {
    const { code, out, err } = await bench('gateway', '--quick', '--dir', '/dev/shm')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('/dev/shm lies on tmpfs')
  })
})

describe.skipIf(noMosquitto !== undefined)('a quick run', { timeout: 60_000 }, () => {
  test('prints one line per case, of messages that were stored', async () => {
    const name = '50x20-window'
    const { code, out, err } = await bench('gateway', '--quick', '--case', name, '--seed', '7')
    expect({ code, err: code === 0 ? undefined : err }).toEqual({ code: 0, err: undefined })
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    const line = JSON.parse(lines[0] ?? '') as Record<string, number>
    expect(line).toMatchObject({
      bench: 'gateway',
      case: name,
      unit: 'msg/s',
      peer: 'mosquitto-nodelay',
      seed: 7,
      quick: true,
    })
    expect(line['value']).toBeGreaterThan(0)
    expect(line['peer_value']).toBeGreaterThan(0)
    expect(line['ratio']).toBeGreaterThan(0)
    expect(line['stored']).toBeGreaterThan(10)
    expect(line['cpu_s_per_100k']).toBeGreaterThanOrEqual(0)
    expect(line['main_cpu_s_per_100k']).toBeGreaterThanOrEqual(0)
    expect(line['cores']).toBeGreaterThanOrEqual(1)
    expect(line['fs']).not.toBe('')
  })
})

describe('a quick run without a peer', { timeout: 120_000 }, () => {
  test('memory: a flood is taken, and its memory is put beside the bound', async () => {
    const { code, out, err } = await bench('memory', '--quick', '--case', 'flood-2x')
    expect({ code, err: code === 0 ? undefined : err }).toEqual({ code: 0, err: undefined })
    const line = JSON.parse(out) as Record<string, number>
    expect(line).toMatchObject({ bench: 'memory', case: 'flood-2x', unit: 'MiB', peer: 'limit' })
    expect(line['value']).toBeGreaterThan(line['idle_mib'] ?? Number.NaN)
    // the idle figure is printed rounded
    expect(Math.abs((line['peer_value'] ?? 0) - (1.5 * (line['idle_mib'] ?? 0) + 256))).toBeLessThan(2)
    expect(line['stored']).toBeGreaterThan(10)
  })

  test('reconnect: everybody is back after a kill, and what they had to send is stored once', async () => {
    const { code, out, err } = await bench('reconnect', '--quick', '--case', '10000x20')
    expect({ code, err: code === 0 ? undefined : err }).toEqual({ code: 0, err: undefined })
    const line = JSON.parse(out) as Record<string, number>
    expect(line).toMatchObject({
      bench: 'reconnect',
      case: '10000x20',
      unit: 's',
      peer_value: 30,
      stored: 1_000,
    })
    expect(line['attempts']).toBeGreaterThanOrEqual(50)
    expect(line['value']).toBeGreaterThanOrEqual(line['ready_s'] ?? Number.NaN)
  })
})

test('open journal prints its one line, of a log that was opened to its end', async () => {
  const { code, out, err } = await bench('open', '--quick', '--case', 'journal')
  expect({ code, err: code === 0 ? undefined : err }).toEqual({ code: 0, err: undefined })
  const line = JSON.parse(out) as Record<string, number>
  const said = { bench: 'open', case: 'journal', unit: 's', peer: 'reading the last segment' }
  expect(line).toMatchObject({ ...said, segments: 1, records: 657_920, record_bytes: 100, quick: true })
  expect(line['value']).toBeGreaterThan(0)
  expect(line['peer_value']).toBeGreaterThan(0)
})

test.each([
  ['engine', ['in-order', 'late-20'], 'json-parse', 30_000],
  ['replay', ['memory', 'with-store'], 'aim', 72_000],
  ['rejudge', ['return-40d', 'correction'], undefined, 2_880],
] as const)(
  '%s prints its cases, whose findings are those of all readings',
  { timeout: 60_000 },
  async (...row) => {
    const [name, cases, peer, readings] = row
    const { code, out, err } = await bench(name, '--quick', '--seed', '3')
    expect({ code, err: code === 0 ? undefined : err }).toEqual({ code: 0, err: undefined })
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>)
    expect(lines.map((line) => line['case'])).toEqual(cases)
    for (const line of lines) {
      expect(line).toMatchObject({
        bench: name,
        seed: 3,
        quick: true,
        ...(peer === undefined ? {} : { peer }),
      })
      expect(line['readings']).toBe(readings)
      expect(line['value']).toBeGreaterThan(0)
      expect(line['ratio']).toBeGreaterThan(0)
    }
  },
)

test.skipIf(noInfluxd !== undefined)(
  `the pipeline stores, links and judges every reading, and InfluxDB counts it ${noInfluxd ?? ''}`,
  { timeout: 60_000 },
  async () => {
    const { code, out, err } = await bench('pipeline', '--quick', '--case', 'live-batch')
    expect({ code, err: code === 0 ? undefined : err }).toEqual({ code: 0, err: undefined })
    const line = JSON.parse(out) as Record<string, number>
    expect(line).toMatchObject({
      bench: 'pipeline',
      case: 'live-batch',
      unit: 'readings/s',
      devices: 100,
      lots: 60,
    })
    expect(line['readings']).toBeGreaterThan(0)
    expect(line['stored']).toBe(line['readings'])
    expect(line['peer_value']).toBeGreaterThan(0)
  },
)

describe('the load program', () => {
  const first = { atMs: 1_795_401_600_000, stepMs: 1, seq: 1_000_000_000_000 }

  test('sends readings of 120 to 150 bytes, no two alike', () => {
    const messages = new Messages('device-00001', { ...first, readings: 1 })
    const bytes = Buffer.alloc(3 * messages.length)
    for (let nth = 0; nth < 3; nth += 1) messages.next(bytes, nth * messages.length)
    const payloads = [0, 1, 2].map((nth) => {
      const packet = bytes.subarray(nth * messages.length, (nth + 1) * messages.length)
      expect(packet.readUInt16BE(packet.indexOf('{') - 2)).toBe(packetIdOf(nth))
      return packet.subarray(packet.indexOf('{')).toString()
    })
    expect(payloads.map(({ length }) => length)).toEqual([139, 139, 139])
    expect(payloads.map((payload) => JSON.parse(payload) as unknown)).toEqual(
      [0, 1, 2].map((nth) => ({
        at: 1_795_401_600_000 + nth,
        seq: 1_000_000_000_000 + nth,
        sensor: 'main',
        temperature: 4 + nth / 100,
        humidity: 45.2,
        battery: 88,
        doorOpen: false,
        mainsPower: true,
      })),
    )
  })

  test('sends several in one message', () => {
    const messages = new Messages('device-00001', { ...first, readings: 3 })
    const bytes = Buffer.alloc(2 * messages.length)
    messages.next(bytes, 0)
    messages.next(bytes, messages.length)
    const readings = [0, 1].flatMap((nth) => {
      const packet = bytes.subarray(nth * messages.length, (nth + 1) * messages.length)
      return JSON.parse(packet.subarray(packet.indexOf('[')).toString()) as { seq: number }[]
    })
    expect(readings.map(({ seq }) => seq - first.seq)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('numbers packets from 1 to 65535 and begins anew', () => {
    expect([0, 65_534, 65_535].map(packetIdOf)).toEqual([1, 65_535, 1])
  })

  test('takes the middle of the rounds', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 2, 9])).toBe(3)
  })
})

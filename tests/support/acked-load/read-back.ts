import { waitFor } from '../isotherm.ts'
import type { Stage } from '../stage.ts'
import type { LoggedReading } from './logged.ts'

/** The balance of promise 2, of several devices. */
export interface BalanceSum {
  /** False when one of them does not balance. */
  readonly balanced: boolean
  readonly messages: { journalled: number; decoded: number; held: number; pending: number }
  readonly readings: { decoded: number; stored: number; complement: number; duplicate: number; held: number }
}

const PAGE = 1_000

/** Every stored reading of these devices, over HTTP. */
export async function* storedReadings(
  stage: Stage,
  devices: readonly string[],
  fromMs: number,
): AsyncGenerator<LoggedReading> {
  for (const device of devices) {
    let after: string | null = ''
    do {
      const from = `from=${fromMs}&limit=${PAGE}`
      const page = await stage.get(`readings?sensor=${device}/main&${from}${after}`)
      for (const item of page['items'] as { at: string | null; seq: number | null; temperature?: number }[]) {
        const { at, seq, temperature } = item
        yield {
          device,
          seq: seq ?? Number.NaN,
          at: at === null ? Number.NaN : Date.parse(at),
          temperature: temperature ?? Number.NaN,
        }
      }
      const next = page['next'] as string | null
      after = next === null ? null : `&after=${encodeURIComponent(next)}`
    } while (after !== null)
  }
}

/** The sum of the balances of these devices. */
export async function balanceOf(stage: Stage, devices: readonly string[]): Promise<BalanceSum> {
  const sum: BalanceSum = {
    balanced: true,
    messages: { journalled: 0, decoded: 0, held: 0, pending: 0 },
    readings: { decoded: 0, stored: 0, complement: 0, duplicate: 0, held: 0 },
  }
  let balanced = true
  for (const device of devices) {
    const one = (await stage.get(`devices/${device}/balance`)) as unknown as BalanceSum
    balanced &&= one.balanced
    add(sum.messages, one.messages)
    add(sum.readings, one.readings)
  }
  return { ...sum, balanced }
}

/** The balance once ingest and census have followed the journal to its end; only when nothing is sent any more. */
export async function settledBalance(
  stage: Stage,
  devices: readonly string[],
  timeoutMs: number,
): Promise<BalanceSum> {
  let last: BalanceSum | undefined
  const settled = async (): Promise<boolean> => {
    last = await balanceOf(stage, devices)
    return last.messages.pending === 0 && (await atTheEnd(stage))
  }
  await waitFor(settled, timeoutMs, () => JSON.stringify(last))
  return balanceOf(stage, devices)
}

/** What `isotherm doctor` says of the two followers; the balance alone cannot know what neither has seen. */
async function atTheEnd(stage: Stage): Promise<boolean> {
  const { out } = await stage.folder.run(['doctor', '--json'])
  const found = /ingest at record (\d+), 0 behind the journal, census at (\d+)/.exec(out)
  return found !== null && found[1] === found[2]
}

function add<Name extends string>(sum: Record<Name, number>, more: Readonly<Record<Name, number>>): void {
  for (const name of Object.keys(sum) as Name[]) sum[name] += more[name]
}

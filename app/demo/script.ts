import type { Episode, ScenarioName } from '../../devices-sim/index.ts'
import { scenarios } from '../../devices-sim/index.ts'
import { type Actor, DEMO_SCRIPT } from '../../domain/index.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** The clock of Xicheng: Asia/Shanghai, which has no summer time. */
const ZONE_AHEAD_MS = 8 * HOUR_MS

/** Who has done what nobody did: it stands in every act of the demonstration. */
export const demoScript: Actor = DEMO_SCRIPT
/** Why, in the acts. */
export const DEMO_REASON = '演示 demonstration'
/** The same city in every run, down to the reading. */
export const SEED = 20_261_126

/** When the demonstration was started first, and from when on its devices have recorded; epoch ms. */
export interface DemoTimes {
  readonly firstStartMs: number
  readonly historyFromMs: number
}

/** The times of a city that is started first at an instant: whole minutes, so that they read well. */
export function timesOf(firstStartMs: number, days: number): DemoTimes {
  const fromMs = firstStartMs - days * DAY_MS
  return { firstStartMs, historyFromMs: fromMs - (fromMs % MINUTE_MS) }
}

/** Where a refrigerator of the household kind freezes at night, and where its stock is carried then. */
export const freeze = { place: 'guiyuan-combi-cold', refuge: 'guiyuan-fridge' } as const
const FREEZE_AT = '02:40'
/** How long after the drift began the stock is carried away. */
const RESCUE_AFTER_MS = 2 * HOUR_MS

/** The distributor's room whose fans fail while one watches. */
export const SHOWPIECE_PLACE = 'depot-room-b'

/** What happened before the first start: on which day before its last whole night or day, and when by local time. */
const past: readonly {
  readonly target: string
  readonly scenario: ScenarioName
  readonly daysBefore: number
  readonly at: string
  /** Unless it lasts as long as usual. */
  readonly lastsMs?: number
}[] = [
  { target: freeze.place, scenario: 'thermostat-drift', daysBefore: 0, at: FREEZE_AT },
  { target: 'hekou-ilr', scenario: 'power-cut', daysBefore: 1, at: '12:30' },
  { target: 'dongqiao-fridge-1', scenario: 'defrost-peak', daysBefore: 1, at: '19:30' },
  { target: 'depot-packing', scenario: 'door-open', daysBefore: 3, at: '06:30' },
  { target: 'school-box-2', scenario: 'door-open', daysBefore: 2, at: '10:15', lastsMs: 30 * MINUTE_MS },
  { target: 'hekou-spare-logger', scenario: 'unplugged-probe', daysBefore: 4, at: '15:00' },
  { target: 'maternity-fridge-logger', scenario: 'duplicates', daysBefore: 5, at: '10:00' },
]

/** What begins shortly before the first start, so that it is there to be seen however short the history is. */
const around: readonly {
  readonly target: string
  readonly scenario: ScenarioName
  readonly beforeMs: number
  readonly lastsMs: number
}[] = [
  { target: 'bite-fridge-2-logger', scenario: 'power-up-85', beforeMs: 5 * HOUR_MS, lastsMs: 10 * MINUTE_MS },
  { target: 'school-box-1-logger', scenario: 'low-battery', beforeMs: 20 * HOUR_MS, lastsMs: 3 * DAY_MS },
  // what it sends is held, and its refrigerator is unknown for as long as nobody plugs the probe in
  {
    target: 'dongqiao-desk-3-logger',
    scenario: 'unplugged-probe',
    beforeMs: 40 * MINUTE_MS,
    lastsMs: 8 * HOUR_MS,
  },
  // what it handed in before the first start is held, what it sends afterwards is kept at its arrival and marked
  { target: 'adult-fridge-logger', scenario: 'clock-skew', beforeMs: 2 * HOUR_MS, lastsMs: 10 * HOUR_MS },
]

/** Devices whose readings are held, so that nobody can tell by them what was handed in. */
export const heldDevices: ReadonlySet<string> = new Set(
  around
    .filter(({ scenario }) => scenario === 'clock-skew' || scenario === 'unplugged-probe')
    .map(({ target }) => target),
)

/** What happens to a place or a device before the first start, and on beyond it, for the fleet. */
export function episodesOf(target: string, times: DemoTimes): readonly Episode[] {
  const { firstStartMs } = times
  const begun = around
    .filter((each) => each.target === target)
    .map(({ scenario, beforeMs, lastsMs }) => {
      const fromMs = firstStartMs - beforeMs
      return { scenario, fromMs, toMs: fromMs + lastsMs }
    })
  return [...pastOf(target, times), ...begun]
}

/** What was over well before the first start. */
export function pastOf(target: string, { firstStartMs }: DemoTimes): readonly Episode[] {
  return past
    .filter((each) => each.target === target)
    .map(({ scenario, daysBefore, at, lastsMs = scenarios[scenario].lastsMs }) => {
      const fromMs = lastTime(at, lastsMs, firstStartMs) - daysBefore * DAY_MS
      return { scenario, fromMs, toMs: fromMs + lastsMs }
    })
}

/** What befalls devices every day: the van of Yundong stands in an underground car park, without a signal. */
const daily: readonly { readonly target: string; readonly scenario: ScenarioName; readonly at: string }[] = [
  { target: 'yundong-van-logger', scenario: 'network-gap', at: '10:05' },
]

/** What befalls devices on the day of an instant, by the clocks of Xicheng. */
export function episodesOfDay(atMs: number): readonly (Episode & { readonly target: string })[] {
  const midnightMs = atMs - ((atMs + ZONE_AHEAD_MS) % DAY_MS)
  return daily.map(({ target, scenario, at }) => {
    const fromMs = midnightMs + sinceMidnightMs(at)
    return { target, scenario, fromMs, toMs: fromMs + scenarios[scenario].lastsMs }
  })
}

/** When the stock was carried out of the freezing refrigerator, epoch ms. */
export function rescuedMs({ firstStartMs }: DemoTimes): number {
  return lastTime(FREEZE_AT, scenarios['thermostat-drift'].lastsMs, firstStartMs) + RESCUE_AFTER_MS
}

/** Stock that is carried from one place to another, in doses. */
export interface Carried {
  readonly lot: string
  readonly from: string
  readonly to: string
  readonly quantity: number
}

/** Deliveries of the week, from the distributor to the districts and from these to clinics. */
const deliveries: readonly (Carried & { readonly daysBefore: number; readonly at: string })[] = [
  delivery('hepb-202509A012', 'depot-room-a', 'cdc-room-1', 1_200, 5, '09:10'),
  delivery('sipv-2025100218', 'depot-room-a', 'cdc-room-1', 800, 5, '09:10'),
  delivery('flu4-202508F201', 'depot-room-a', 'cdc-room-1', 2_000, 2, '08:55'),
  delivery('dtap-202508B004', 'cdc-room-1', 'yundong-room', 300, 4, '08:40'),
  delivery('mmr-202507C018', 'yundong-room', 'dongqiao-fridge-2', 40, 3, '08:20'),
  delivery('sipv-2025080117', 'dongqiao-fridge-1', 'dongqiao-desk-1', 10, 1, '07:50'),
  delivery('mmr-202507C018', 'dongqiao-fridge-2', 'dongqiao-desk-1', 8, 0, '07:50'),
]

function delivery(
  lot: string,
  from: string,
  to: string,
  quantity: number,
  daysBefore: number,
  at: string,
): (typeof deliveries)[number] {
  return { lot, from, to, quantity, daysBefore, at }
}

/** What was carried during the history, the earliest first; epoch ms. */
export function deliveriesOf({ firstStartMs, historyFromMs }: DemoTimes): readonly (Carried & {
  readonly atMs: number
})[] {
  return deliveries
    .map(({ daysBefore, at, ...carried }) => {
      return { ...carried, atMs: lastTime(at, 0, firstStartMs) - daysBefore * DAY_MS }
    })
    .filter(({ atMs }) => atMs > historyFromMs)
    .toSorted((a, b) => a.atMs - b.atMs)
}

/** Each time that clocks in Xicheng showed `HH:MM` in [fromMs, toMs), and the number of the day; epoch ms. */
export function timesOfDay(
  at: string,
  fromMs: number,
  toMs: number,
): readonly { readonly dayNo: number; readonly atMs: number }[] {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const sinceMidnightMs = hours * HOUR_MS + minutes * MINUTE_MS
  const times: { readonly dayNo: number; readonly atMs: number }[] = []
  const firstDay = Math.floor((fromMs + ZONE_AHEAD_MS) / DAY_MS)
  for (let dayNo = firstDay; dayNo * DAY_MS - ZONE_AHEAD_MS < toMs; dayNo += 1) {
    const atMs = dayNo * DAY_MS - ZONE_AHEAD_MS + sinceMidnightMs
    if (atMs >= fromMs && atMs < toMs) times.push({ dayNo, atMs })
  }
  return times
}

/** An hour after it nothing of it is felt any more. */
const FELT_MS = HOUR_MS

/** The last time that clocks in Xicheng showed `HH:MM` and what began then was over well before `beforeMs`. */
function lastTime(at: string, lastsMs: number, beforeMs: number): number {
  const latestMs = beforeMs - lastsMs - FELT_MS
  const midnightMs = latestMs - ((latestMs + ZONE_AHEAD_MS) % DAY_MS)
  const sameDayMs = midnightMs + sinceMidnightMs(at)
  return sameDayMs <= latestMs ? sameDayMs : sameDayMs - DAY_MS
}

/** `HH:MM` as time since midnight. */
function sinceMidnightMs(at: string): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  return hours * HOUR_MS + minutes * MINUTE_MS
}

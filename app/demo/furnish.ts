import { xicheng } from '../../devices-sim/index.ts'
import { Problem } from '../../domain/index.ts'
import type { CommandName, CommandPort, Commands, FactsView } from '../../store/index.ts'
import type { Passwords } from '../passwords.ts'
import { lots } from './lots.ts'
import { DEMO_PASSWORD, DEMO_PERSON, persons, recipientsOf } from './people.ts'
import { products } from './products.ts'
import {
  DEMO_REASON,
  deliveriesOf,
  type DemoTimes,
  demoScript,
  freeze,
  rescuedMs,
  timesOf,
} from './script.ts'
import { enterDuties } from './trips.ts'

/** What the city is made with. */
export interface FurnishParts {
  readonly commands: CommandPort
  readonly view: FactsView
  readonly passwords: Pick<Passwords, 'hash'>
  readonly nowMs: number
  /** Days of history before the first start. */
  readonly days: number
}

const reason = DEMO_REASON
const DAY_MS = 86_400_000

/**
 * Makes the facts of the city by ordinary commands, and answers its times. What is there already is left as it is, so
 * a start that was interrupted goes on where it stopped, and a city that was made once is not touched again.
 */
export async function furnish(parts: FurnishParts): Promise<DemoTimes> {
  const { view } = parts
  const [firstOrganisation] = xicheng.organisations
  const firstStartMs = view.organisation(firstOrganisation?.id ?? '')?.validFrom ?? parts.nowMs
  const times = timesOf(firstStartMs, parts.days)
  const historyFromMs = view.place(xicheng.places[0]?.id ?? '')?.validFrom ?? times.historyFromMs
  const city = { ...parts, firstStartMs, historyFromMs }
  if (!isFurnished(view)) {
    await makeOrganisations(city)
    await makePlaces(city)
    await enterDuties(city, city.historyFromMs, city.nowMs)
    await makeDevices(city)
    await makeStock(city)
    await deliver(city)
    await carryStockAway(city)
    await makeRecipients(city)
    await makePersons(city)
  }
  return { firstStartMs, historyFromMs }
}

/** The person everybody signs in as is made last, and may see nothing before that. */
function isFurnished(view: FactsView): boolean {
  return view
    .rows()
    .some(({ table, row }) => table === 'user' && row.name === DEMO_PERSON && view.grants(row.id).length > 0)
}

type City = FurnishParts & DemoTimes

/** Carries out a command; what is there already is as good. */
async function make<N extends CommandName>(
  { commands }: City,
  name: N,
  input: Commands[N]['input'],
): Promise<Commands[N]['output'] | undefined> {
  try {
    return await commands.command(name, demoScript, input)
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'already-exists') return undefined
    throw thrown
  }
}

async function makeOrganisations(city: City): Promise<void> {
  const fromMs = city.historyFromMs
  for (const { id, parent, kind, name } of xicheng.organisations) {
    await make(city, 'organisation.create', {
      id,
      parent,
      kind,
      demo: true,
      name: name.zh,
      nameEn: name.en,
      reason,
    })
  }
  for (const { supervisor, supervised } of xicheng.supervisions) {
    const isThere = city.view.supervisedBy(supervisor).some((each) => each.supervised === supervised)
    if (!isThere) await make(city, 'supervision.start', { supervisor, supervised, fromMs, reason })
  }
  for (const { id, organisation, name } of xicheng.sites) {
    const zone = xicheng.zone
    await make(city, 'site.create', { id, organisation, zone, name: name.zh, nameEn: name.en, reason })
  }
  for (const [pack, organisation] of [
    ['cn-gsp-storage', 'xc-logistics'],
    ['cn-2017-cdc-clinic', 'xc-cdc'],
    ['cn-gsp-transport', 'xc-logistics'],
    ['cn-2017-cdc-clinic-freezer', 'xc-cdc'],
    ['cn-2017-cdc-clinic-transport', 'xc-cdc'],
  ] as const) {
    const why = `${reason}: 企业批准的预警值与规定范围 approved for the demonstration`
    await make(city, 'rules.activate', { pack, version: 1, organisation, fromMs, reason: why })
  }
}

async function makePlaces(city: City): Promise<void> {
  const fromMs = city.historyFromMs
  for (const { id, site, parent, kind, name, capacityLitres } of xicheng.places) {
    await make(city, 'place.create', {
      id,
      site,
      parent,
      kind,
      name: name.zh,
      nameEn: name.en,
      ...(capacityLitres === null ? {} : { capacityLitres }),
      fromMs,
      reason,
    })
  }
  await make(city, 'duty.set', { place: 'hekou-spare', duty: 'empty', fromMs, claimedAtMs: fromMs, reason })
}

async function makeDevices(city: City): Promise<void> {
  const { view, historyFromMs: fromMs } = city
  for (const { id, site, expectedIntervalSeconds, sensors } of xicheng.devices) {
    const expectedIntervalMs = expectedIntervalSeconds * 1_000
    await make(city, 'device.create', { id, site, kind: 'simulated', expectedIntervalMs, reason })
    for (const { name: sensor, place, point, pointName, role } of sensors) {
      const name = { name: pointName.zh, nameEn: pointName.en }
      await make(city, 'point.create', { id: point, place, role, ...name, fromMs, reason })
      if (view.placementHistory(id, sensor).length > 0) continue
      await make(city, 'placement.start', { device: id, sensor, point, fromMs, reason })
    }
  }
}

async function makeStock(city: City): Promise<void> {
  for (const { id, name, rangeC, freezeSensitive, lightSensitive } of products) {
    const [rangeMinMilliC, rangeMaxMilliC] = [rangeC[0] * 1_000, rangeC[1] * 1_000]
    const label = { rangeMinMilliC, rangeMaxMilliC, freezeSensitive, lightSensitive }
    await make(city, 'product.create', { id, name: name.zh, nameEn: name.en, ...label, reason })
  }
  for (const { id, product, number, maker, expiresInDays, stock } of lots) {
    const lastDay = new Date(city.firstStartMs + expiresInDays * DAY_MS)
    const expiresOn = lastDay.toISOString().slice(0, 10)
    await make(city, 'lot.create', { id, product, number, maker, expiresOn, reason })
    const held = city.view.custodyOf(id)
    for (const [place, quantity] of Object.entries(stock)) {
      if (held.some((row) => row.place === place)) continue
      const atMs = city.historyFromMs
      const stocked = { lot: id, place, quantity, atMs, claimedAtMs: atMs, reason }
      await make(city, 'custody.receive', stocked)
    }
  }
}

/** What was carried in the week of the history. */
async function deliver(city: City): Promise<void> {
  for (const { lot, from, to, quantity, atMs } of deliveriesOf(city)) {
    const isDone = city.view.custodyOf(lot).some((row) => row.place === to && row.validFrom === atMs)
    const carried = { lot, from, to, quantity, atMs, claimedAtMs: atMs, reason }
    if (!isDone) await make(city, 'custody.move', carried)
  }
}

/** In the night of the freeze what lay in the refrigerator is carried to the one beside it. */
async function carryStockAway(city: City): Promise<void> {
  const { place: from, refuge: to } = freeze
  const atMs = rescuedMs(city)
  if (atMs <= city.historyFromMs) return
  for (const { id: lot, stock } of lots) {
    const quantity = stock[from]
    if (quantity === undefined || city.view.custodyOf(lot).some((row) => row.place === to)) continue
    const why = `${reason}: 应急转移 emergency transfer out of a freezing refrigerator`
    const carried = { lot, from, to, quantity, atMs, claimedAtMs: atMs, reason: why }
    await make(city, 'custody.move', carried)
  }
}

async function makeRecipients(city: City): Promise<void> {
  for (const { id: place } of xicheng.places) {
    const there = city.view.recipientsOf(place)
    for (const { name, language } of recipientsOf(place)) {
      if (there.some((each) => each.name === name)) continue
      await make(city, 'recipient.create', { place, name, channel: 'console', language, reason })
    }
  }
}

async function makePersons(city: City): Promise<void> {
  const { commands, view, passwords } = city
  for (const { name, grants } of persons) {
    const passwordHash = await passwords.hash(DEMO_PASSWORD)
    await make(city, 'user.create', { name, passwordHash, reason })
    const known = await commands.command('user.password-hash', demoScript, { name })
    if (known === null) continue
    const held = view.grants(known.user)
    for (const { organisation, role } of grants) {
      if (held.some((each) => each.organisation === organisation && each.role === role)) continue
      await make(city, 'user.grant', { id: known.user, organisation, role, reason })
    }
  }
}

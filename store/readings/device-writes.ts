import assert from 'node:assert/strict'
import { NEVER_HEARD_MS } from '../../domain/index.ts'
import type { CanonicalTransaction, DeviceState } from './port.ts'
import type { Prepare } from './sqlite.ts'

type DeviceWrites = Pick<
  CanonicalTransaction,
  'deviceState' | 'putDeviceState' | 'series' | 'count' | 'countJournalled' | 'putLastMessage'
>

/** How far a series reaches. */
export interface SeriesExtent {
  /** The newest instant a reading is stored under, epoch ms; -Infinity: none is. */
  newestMs: number
  /** Some reading is stored under another instant than the one it was sent with. */
  hasDisplaced: boolean
}

/** What was last read or written of a device. */
interface KeptDevice {
  state?: DeviceState
  /** The highest number used in a boot, about which the next reading asks. */
  top?: { readonly boot: number; readonly seq: number; readonly at: number }
}

/**
 * Numbers of devices and series already looked up, and what the next reading of each asks for first. Only the one
 * writer opens them, so they never go stale.
 */
export interface Numbers {
  /** By number of the device; changed in place. */
  kept(device: number): KeptDevice
  /** When a temperature of a series came last, epoch ms. */
  readonly contacts: Map<number, number | null>
  /** By number of the series; changed in place. */
  readonly extents: Map<number, SeriesExtent>
  /** Number of the device, given on first use. */
  device(id: string): number
  /** Number of the series; undefined when it is new and the device already has `most`. */
  series(device: string, sensor: string, receivedAtMs: number, most: number): number | undefined
  /** Forgets everything: after a rollback a number may belong to nobody. */
  forget(): void
}

/** Looked-up numbers are forgotten beyond this many; 10,000 devices with 10 sensors each fit. */
const NUMBERS_MAX = 131_072

/** Gives devices and series their numbers. */
export function numbers(prepare: Prepare): Numbers {
  const devices = new Map<string, number>()
  /** By device and sensor: to look for the path would mean to build it for each reading. */
  const series = new Map<string, Map<string, number>>()
  let seriesKnown = 0
  const kept = new Map<number, KeptDevice>()
  const contacts = new Map<number, number | null>()
  const extents = new Map<number, SeriesExtent>()
  const findDevice = prepare<{ no: number }>('select no from device where id = ?')
  const addDevice = prepare<{ no: number }>('insert into device (id) values (?) returning no')
  const findSeries = prepare<{ no: number }>('select no from series where device = ? and sensor = ?')
  const countSeries = prepare<{ series: number }>('select count(*) as series from series where device = ?')
  const addSeries = prepare<{ no: number }>(
    `insert into series (device, sensor, first_received_ms, contact_ms) values (?, ?, ?, ${NEVER_HEARD_MS})
     returning no`,
  )
  const device = (id: string): number => {
    const known = devices.get(id)
    if (known !== undefined) return known
    return remember(devices, id, findDevice.get(id)?.no ?? made(addDevice.get(id)))
  }
  const rememberSeries = (id: string, sensor: string, no: number): number => {
    if (seriesKnown >= NUMBERS_MAX) {
      series.clear()
      seriesKnown = 0
    }
    seriesKnown += 1
    const own = series.get(id)
    if (own === undefined) series.set(id, new Map([[sensor, no]]))
    else own.set(sensor, no)
    return no
  }
  return {
    device,
    kept: (no) => kept.get(no) ?? remember(kept, no, {}),
    contacts,
    extents,
    series: (id, sensor, receivedAtMs, most) => {
      const known = series.get(id)?.get(sensor)
      if (known !== undefined) return known
      const owner = device(id)
      const found = findSeries.get(owner, sensor)
      if (found !== undefined) return rememberSeries(id, sensor, found.no)
      if ((countSeries.get(owner)?.series ?? 0) >= most) return undefined
      return rememberSeries(id, sensor, made(addSeries.get(owner, sensor, receivedAtMs)))
    },
    forget: () => {
      devices.clear()
      series.clear()
      seriesKnown = 0
      kept.clear()
      contacts.clear()
      extents.clear()
    },
  }
}

/** Keeps a value, and forgets all others where there are too many. */
export function remember<Key, Value>(known: Map<Key, Value>, key: Key, value: Value): Value {
  if (known.size >= NUMBERS_MAX) known.clear()
  known.set(key, value)
  return value
}

/** Numbers of the rows `insert ... returning no` makes: there is always one. */
function made(row: { readonly no: number } | undefined): number {
  assert(row !== undefined)
  return row.no
}

/** What ingest counts, in the order of the parameters of `count`. */
const counted = ['decoded', 'held_messages', 'readings', 'stored', 'complement', 'duplicate', 'held_readings']

interface StateColumns {
  readonly previous_received_ms: number | null
  readonly last_seq: number | null
  readonly boot: number
}

function deviceStateOf(row: StateColumns | undefined): DeviceState {
  if (row === undefined) return { previousReceivedAtMs: null, lastSeq: null, boot: 0 }
  return { previousReceivedAtMs: row.previous_received_ms, lastSeq: row.last_seq, boot: row.boot }
}

/** The part of a transaction that keeps what is known of devices. */
export function deviceWrites(prepare: Prepare, known: Numbers): DeviceWrites {
  const state = prepare<StateColumns>(
    'select previous_received_ms, last_seq, boot from device_state where device = ?',
  )
  const putState = prepare(
    `insert into device_state (device, previous_received_ms, last_seq, boot) values (?, ?, ?, ?)
     on conflict (device) do update set previous_received_ms = excluded.previous_received_ms,
       last_seq = excluded.last_seq, boot = excluded.boot`,
  )
  const count = prepare(
    `insert into device_count (device, ${counted.join(', ')}) values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (device) do update set ${counted.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
  )
  const journalled = prepare(
    `insert into device_count (device, journalled) values (?, ?)
     on conflict (device) do update set journalled = journalled + excluded.journalled`,
  )
  const lastMessage = prepare(
    `insert into last_message (device, kind, received_ms, json) values (?, ?, ?, ?)
     on conflict (device, kind) do update set received_ms = excluded.received_ms, json = excluded.json`,
  )
  return {
    deviceState: (id) => {
      const no = known.device(id)
      return (known.kept(no).state ??= deviceStateOf(state.get(no)))
    },
    putDeviceState: (id, kept) => {
      const no = known.device(id)
      const { previousReceivedAtMs, lastSeq, boot } = kept
      putState.run(no, previousReceivedAtMs, lastSeq, boot)
      known.kept(no).state = kept
    },
    series: (id, sensor, receivedAtMs, most) => known.series(id, sensor, receivedAtMs, most),
    count: (id, added) => {
      const { decoded, heldMessages, readings, stored, complement, duplicate, heldReadings } = added
      const messages = [known.device(id), decoded, heldMessages]
      count.run(...messages, readings, stored, complement, duplicate, heldReadings)
    },
    countJournalled: (id, added) => {
      journalled.run(known.device(id), added)
    },
    putLastMessage: (id, kind, receivedAtMs, json) => {
      lastMessage.run(known.device(id), kind, receivedAtMs, json)
    },
  }
}

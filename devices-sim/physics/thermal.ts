import type { PlaceKind } from '../../domain/index.ts'

/**
 * How a kind of unit behaves: two bodies (air, and what stands in it), a leak to the ambient, and a compressor that
 * a thermostat switches by the air. Sizes as field engineers see them; rates are K/h at `NOMINAL_AMBIENT_C`.
 */
export interface Thermal {
  /** How fast the whole warms without power: what a holdover test measures. */
  readonly lossKph: number
  /** How fast the air alone would warm. */
  readonly airLossKph: number
  /** Exchange between air and contents, of the air's own heat, per hour. */
  readonly exchangePerHour: number
  /** What the compressor takes from the air. */
  readonly coolingKph: number
  /** The thermostat switches at this much above and below what is set. */
  readonly bandC: number
  readonly defrost: Defrost | undefined
  readonly door: Door
  /** A buffered probe follows the air with this time constant. */
  readonly probeLagMinutes: number
}

/** Automatic defrosts, evenly over the day. */
export interface Defrost {
  readonly perDay: number
  readonly minutes: number
  /** How much warmer it gets at the evaporator, in the air, and around the product. */
  readonly evaporatorC: number
  readonly airC: number
  readonly productC: number
}

/** What people do to a unit in busy hours. */
export interface Door {
  readonly openingsPerHour: number
  readonly seconds: number
  /** Exchange of the air with the ambient while it is open, per hour. */
  readonly exchangePerHour: number
  /** How much warmer it gets beside the door while goods pass through it (loading, stops). */
  readonly draughtC: number
}

/** The room or weather for which losses are stated. */
export const NOMINAL_AMBIENT_C = 22
/** Desk units are smaller than this, and opened for every child. */
const DESK_LITRES_MAX = 100

const none = { openingsPerHour: 0, seconds: 0, exchangePerHour: 0, draughtC: 0 }
const roomDefrost = { perDay: 4, minutes: 15, evaporatorC: 4, airC: 0.5, productC: 0.2 }

const refrigerator: Thermal = {
  lossKph: 1.1,
  airLossKph: 12,
  exchangePerHour: 6,
  coolingKph: 36,
  bandC: 0.8,
  defrost: { perDay: 2, minutes: 13, evaporatorC: 6, airC: 2.2, productC: 0.5 },
  door: { openingsPerHour: 6, seconds: 20, exchangePerHour: 12, draughtC: 0 },
  probeLagMinutes: 10,
}

const desk: Thermal = {
  ...refrigerator,
  lossKph: 2.2,
  coolingKph: 60,
  door: { openingsPerHour: 25, seconds: 10, exchangePerHour: 12, draughtC: 0 },
}

const freezer: Thermal = {
  lossKph: 1.5,
  airLossKph: 10,
  exchangePerHour: 5,
  coolingKph: 36,
  bandC: 1.2,
  defrost: undefined,
  door: { openingsPerHour: 2, seconds: 30, exchangePerHour: 6, draughtC: 0 },
  probeLagMinutes: 10,
}

const coldRoom: Thermal = {
  lossKph: 4.5,
  airLossKph: 9,
  exchangePerHour: 4,
  coolingKph: 22,
  bandC: 0.4,
  defrost: roomDefrost,
  door: { ...none, draughtC: 6.5 },
  probeLagMinutes: 10,
}

const thermals: Readonly<Record<Exclude<PlaceKind, 'compartment'>, Thermal>> = {
  'cold-room': coldRoom,
  'freezer-room': {
    lossKph: 5,
    airLossKph: 12,
    exchangePerHour: 4,
    coolingKph: 32,
    bandC: 1,
    defrost: { ...roomDefrost, airC: 1 },
    door: { ...none, draughtC: 6 },
    probeLagMinutes: 10,
  },
  refrigerator,
  'ice-lined-refrigerator': {
    lossKph: 0.13,
    airLossKph: 4,
    exchangePerHour: 8,
    coolingKph: 20,
    bandC: 0.6,
    defrost: undefined,
    door: { openingsPerHour: 4, seconds: 20, exchangePerHour: 4, draughtC: 0 },
    probeLagMinutes: 10,
  },
  freezer,
  'ultra-low-freezer': { ...freezer, lossKph: 4, airLossKph: 14, coolingKph: 42, bandC: 1.5, door: none },
  // an air conditioner, and walls that leak more than those of a cold room
  'store-room': { ...coldRoom, lossKph: 6, coolingKph: 12, bandC: 0.8, defrost: undefined },
  vehicle: {
    lossKph: 9,
    airLossKph: 18,
    exchangePerHour: 6,
    coolingKph: 120,
    bandC: 0.6,
    defrost: undefined,
    door: { ...none, exchangePerHour: 3, draughtC: 1.5 },
    probeLagMinutes: 10,
  },
  box: {
    lossKph: 0.35,
    airLossKph: 3,
    exchangePerHour: 6,
    coolingKph: 0,
    bandC: 0,
    defrost: undefined,
    door: { openingsPerHour: 4, seconds: 40, exchangePerHour: 4, draughtC: 0 },
    probeLagMinutes: 4,
  },
}

/** How a place behaves, by its kind, its size, and for a compartment by what it is set to. */
export function thermalOf(place: {
  readonly kind: PlaceKind
  readonly capacityLitres: number | null
  readonly setpointC: number
}): Thermal {
  const kind = place.kind === 'compartment' ? (place.setpointC < -5 ? 'freezer' : 'refrigerator') : place.kind
  const isDesk = kind === 'refrigerator' && (place.capacityLitres ?? DESK_LITRES_MAX) < DESK_LITRES_MAX
  return isDesk ? desk : thermals[kind]
}

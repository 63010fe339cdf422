import type {
  CustodyFact,
  DeviceFact,
  Duty,
  DutyFact,
  LotFact,
  PlaceCheckFact,
  PlaceFact,
  PlaceKind,
  PlacementFact,
  PointFact,
  PointRole,
  ProductFact,
  Standing,
  SupervisesFact,
} from '../domain/index.ts'
import type { Command } from './contract.ts'

/**
 * Commands about where things are and what is in them. `fromMs` and `atMs` (epoch ms) say from when on it holds;
 * left out, from now on. They may lie anywhere from 2000 to 5 minutes from now, those more than 5 minutes ago
 * with a reason.
 */
export interface PlaceCommands {
  /** A regulator begins to supervise an organisation. */
  'supervision.start': Command<Supervision & Since, SupervisesFact>
  'supervision.end': Command<
    Supervision & { readonly atMs?: number; readonly reason: string },
    SupervisesFact
  >
  /** The parent, when there is one, lies in the same site. */
  'place.create': Command<NewPlace, PlaceFact>
  /** For good. Refused (`conflict`) while stock, judged placements or active places are in it, then or later. */
  'place.retire': Command<{ readonly id: string; readonly atMs?: number; readonly reason: string }, PlaceFact>
  /** Holds from `fromMs` until the next recorded change. */
  'duty.set': Command<{ readonly place: string; readonly duty: Duty } & Since & Claimable, DutyFact>
  /**
   * Somebody has looked at the place now, or when it is claimed. Two at once are two. Refused (`conflict`) when it is
   * retired.
   */
  'place.check': Command<{ readonly place: string; readonly note?: string } & Claimable, PlaceCheckFact>
  /** `fromMs` left out: since the place is there. */
  'point.create': Command<NewPoint, PointFact>
  /**
   * Puts a sensor at a point. Refused (`conflict`) while it is at any other time of the period at a point. Asked
   * for as judged (the default) it becomes secondary, as a whole, when another judged placement of the point
   * overlaps it; the answer says which it became. Nothing becomes judged by itself later: that takes a correction.
   */
  'placement.start': Command<NewPlacement, PlacementFact>
  /** Ends the placement that holds at the instant and is open. */
  'placement.end': Command<SensorName & { readonly atMs?: number; readonly reason?: string }, PlacementFact>
  /**
   * Says what the placement that held at `atMs` truly was: another point, other bounds, another standing. What is
   * left out stays. The rules of `placement.start` hold for the whole new period.
   */
  'placement.correct': Command<PlacementCorrection, PlacementFact>
  'product.create': Command<NewProduct, ProductFact>
  'lot.create': Command<NewLot, LotFact>
  /** Stock enters. Answers what is in the place from then on. */
  'custody.receive': Command<StockInPlace, readonly CustodyFact[]>
  /** Stock goes from one place to another. Answers what is in `from` and in `to` from then on. */
  'custody.move': Command<StockMove, readonly CustodyFact[]>
  /** Stock leaves to be used or destroyed. Answers what is in the place from then on. */
  'custody.issue': Command<StockInPlace, readonly CustodyFact[]>
  /** From `fromMs` on, later changes included; not before the device was registered. */
  'device.expected-interval': Command<ExpectedIntervalChange, DeviceFact>
}

/** An act of a demonstration's past: when it is claimed to have been done, epoch ms. For `DEMO_SCRIPT` alone. */
export interface Claimable {
  readonly claimedAtMs?: number
}

/** From when on it holds, and why. */
interface Since {
  readonly fromMs?: number
  readonly reason?: string
}

/** Who supervises whom. */
export interface Supervision {
  readonly supervisor: string
  readonly supervised: string
}

export interface NewPlace extends Since {
  readonly id: string
  readonly site: string
  readonly parent: string | null
  readonly kind: PlaceKind
  readonly name: string
  readonly nameEn?: string
  /** Whole litres. */
  readonly capacityLitres?: number
}

export interface NewPoint extends Since {
  readonly id: string
  readonly place: string
  readonly name: string
  readonly nameEn?: string
  readonly role: PointRole
}

/** A sensor by device and name; it need not have sent anything yet. */
export interface SensorName {
  readonly device: string
  readonly sensor: string
}

export interface NewPlacement extends SensorName, Since {
  readonly point: string
  /** Default `judged`. */
  readonly standing?: Standing
  /** For a placement that is over, epoch ms; left out or null, it is open. */
  readonly toMs?: number | null
}

export interface PlacementCorrection extends SensorName {
  /** An instant at which the placement is recorded, epoch ms. */
  readonly atMs: number
  readonly point?: string
  readonly fromMs?: number
  readonly toMs?: number | null
  readonly standing?: Standing
  readonly reason: string
}

export interface NewProduct {
  readonly id: string
  readonly name: string
  readonly nameEn?: string
  /** GTIN, or the leading digits of its trace codes. */
  readonly code?: string
  /** What the label allows, milli-degrees Celsius, both ends included. */
  readonly rangeMinMilliC: number
  readonly rangeMaxMilliC: number
  readonly freezeSensitive: boolean
  readonly lightSensitive: boolean
  /** Of its decay, J/mol, for mean kinetic temperatures. */
  readonly activationJoulesPerMol?: number
  readonly reason?: string
}

export interface NewLot {
  readonly id: string
  readonly product: string
  readonly number: string
  readonly maker: string
  /** `YYYY-MM-DD`. */
  readonly expiresOn: string
  readonly reason?: string
}

/** So many smallest package units of a lot that enter or leave a place. */
export interface StockInPlace extends Claimable {
  readonly lot: string
  readonly place: string
  readonly quantity: number
  readonly atMs?: number
  readonly reason?: string
}

export interface StockMove extends Claimable {
  readonly lot: string
  readonly from: string
  readonly to: string
  readonly quantity: number
  readonly atMs?: number
  readonly reason?: string
}

export interface ExpectedIntervalChange {
  readonly id: string
  readonly expectedIntervalMs: number
  readonly fromMs?: number
  readonly reason: string
}

import type {
  Cadence,
  Condition,
  Excursion,
  Finding,
  Rule,
  Silence,
  TemperatureRule,
} from '../domain/index.ts'
import type { Completeness } from './completeness.ts'
import type { ReportIncident } from './incident.ts'
import type { Named } from './named.ts'

/** Languages a report is printed in. JSON has none. */
export const reportLanguages = ['zh', 'en'] as const
/** One language; see `reportLanguages`. */
export type ReportLanguage = (typeof reportLanguages)[number]

/** A site, with the IANA zone in which its times are printed. */
export interface ReportSite extends Named {
  readonly zone: string
}

/** A lot as its package names it. */
export interface ReportLot {
  readonly id: string
  /** Lot number (批号). */
  readonly number: string
  readonly product: Named
  readonly maker: string
}

/** What a report is about. */
export type ReportSubject =
  | {
      readonly by: 'place'
      readonly place: Named
      readonly site: ReportSite
      /** The place whose points spoke for it: itself or one around it; null when there was none. */
      readonly measuredIn: Named | null
    }
  | { readonly by: 'lot'; readonly lot: ReportLot }

/** A lot in a place of which the finding's point spoke, while the finding held. */
export interface AffectedLot {
  readonly lot: ReportLot
  readonly place: Named
  /** Smallest package units there at the start of the finding, or on entering. */
  readonly quantity: number
  /** [fromMs, toMs), epoch ms: the part of the finding during which the lot was there; null = both go on. */
  readonly fromMs: number
  readonly toMs: number | null
}

/** A finding with everything that explains it. */
interface RowOf<F extends Finding, R extends Rule> {
  readonly finding: F
  readonly site: ReportSite
  readonly place: Named
  readonly point: Named
  /** The rule in the version that was in force; null when this software does not have that version. */
  readonly rule: R | null
  readonly lots: readonly AffectedLot[]
  /** Null when nobody was called for it. */
  readonly incident: ReportIncident | null
}

/** An excursion with everything that explains it. */
export interface ReportRow extends RowOf<Excursion, TemperatureRule> {
  /** The product whose label the limit is from; null where it is the rule's own. */
  readonly label: Named | null
}
/** Any other finding with everything that explains it. */
export type ConditionRow = RowOf<Condition | Silence | Cadence, Rule>

/** A rule pack in the version used. */
export interface ReportPack {
  readonly id: string
  readonly version: number
  readonly title: { readonly zh: string; readonly en: string }
}

/** Excursions of a place or a lot over a period [fromMs, toMs), and how complete the record is. Times are epoch ms. */
export interface ExcursionReport {
  readonly subject: ReportSubject
  /** Of a demonstration: marked on every page. */
  readonly demo: boolean
  readonly fromMs: number
  readonly toMs: number
  /** IANA zone of the period: the site's, or UTC where several sites with different zones are in it. */
  readonly zone: string
  /** When it was made; what was known then is in it, and no time after it is counted. */
  readonly generatedMs: number
  /** Version of the facts it was made with. */
  readonly factVersion: number
  /** Who asked for it: `user:<id>`, `key:<id>` or `local:<account>`, and the name that goes with it. */
  readonly by: { readonly actor: string; readonly name: string }
  readonly softwareVersion: string
  readonly packs: readonly ReportPack[]
  /** By start, then id. */
  readonly rows: readonly ReportRow[]
  /**
   * What else was found there: silence, open doors, missing power, low batteries, records too far apart; by start, then
   * id.
   */
  readonly conditions: readonly ConditionRow[]
  readonly completeness: Completeness
}

/** Who asks, and what they may do where; `GET me`. */
export interface Me {
  readonly id: string
  readonly name: string
  readonly scopes: Readonly<Record<string, readonly string[]>>
  readonly sessionEndsAt: string | null
}

/** `GET organisations`. */
export interface Organisation {
  readonly id: string
  readonly parent: string | null
  readonly kind: string
  readonly demo: boolean
  readonly name: string
  readonly nameEn: string | null
}

/** `GET sites`. */
export interface Site {
  readonly id: string
  readonly organisation: string
  readonly name: string
  readonly nameEn: string | null
  readonly zone: string
  readonly demo: boolean
}

/** `GET places`. */
export interface Place {
  readonly id: string
  readonly site: string
  readonly organisation: string
  readonly parent: string | null
  readonly kind: string
  readonly name: string
  readonly nameEn: string | null
  readonly state: 'active' | 'retired'
}

/** `GET duties`. */
export interface Duty {
  readonly place: string
  readonly duty: string
}

/** `GET points`. */
export interface Point {
  readonly id: string
  readonly place: string
  readonly name: string
  readonly nameEn: string | null
  readonly role: 'product' | 'air' | 'ambient' | 'evaporator'
}

/** `GET products`. */
export interface Product {
  readonly id: string
  readonly name: string
  readonly nameEn: string | null
  /** degC; what the label allows, both included. */
  readonly rangeMin: number
  readonly rangeMax: number
  readonly freezeSensitive: boolean
}

/** `GET lots`. */
export interface Lot {
  readonly id: string
  readonly product: string
  readonly number: string
  readonly maker: string
  readonly expiresOn: string
}

/** `GET stock`. */
export interface Stock {
  readonly lot: string
  readonly place: string
  readonly quantity: number
}

/** `GET rules`. */
export interface RulePack {
  readonly id: string
  readonly organisations: readonly string[]
  readonly places: readonly string[]
  readonly rules: readonly {
    readonly id: string
    readonly quantity: 'temperature' | 'door' | 'power' | 'battery' | 'contact' | 'recording'
    readonly operator: '>' | '>=' | '<' | '<=' | null
    /** degC of temperature, % of a battery */
    readonly limit: number | null
    /** Labels that are tighter beat it. */
    readonly takesLabel: boolean
    readonly level: 'critical' | 'range'
    readonly durationSeconds: number
    readonly duties: readonly string[]
    readonly activeFor: readonly string[]
  }[]
}

/** Too warm or too cold. */
export type Direction = 'warm' | 'cold'

/** What people are called for: the temperature, or what it says. */
export type Cause = Direction | 'silence' | 'door' | 'power' | 'battery' | 'cadence'

/** The newest reading of a sensor, as the live stream tells it. */
export interface LivePoint {
  readonly site: string | null
  readonly place: string | null
  readonly point: string | null
  readonly standing: 'judged' | 'secondary' | null
  readonly sensor: string
  readonly t: string
  readonly receivedAt: string
  /** degC */
  readonly temperature?: number
  readonly humidity?: number
  readonly battery?: number
  readonly doorOpen?: boolean
  readonly mainsPower?: boolean
  readonly expectedIntervalSeconds: number | null
  /** What is wrong with the probe: then the temperature does not speak. */
  readonly fault: 'impossible-value' | 'power-up' | null
  readonly faultAt: string | null
}

/** `GET findings`, and the findings of the live stream. */
export interface Finding {
  readonly id: string
  readonly place: string
  readonly point: string
  readonly rule: string
  readonly kind: 'excursion' | 'silence' | 'door' | 'power' | 'battery' | 'cadence'
  readonly level: 'critical' | 'range'
  /** Of an excursion. */
  readonly direction: Direction | null
  readonly state: 'confirmed' | 'suspected'
  readonly open: boolean
  readonly start: string
  readonly end: string | null
  /** Of an excursion, degC. */
  readonly peak: number | null
  /** The label that its limit is from; null: the rule names it. */
  readonly label: { readonly product: string; readonly limit: number } | null
}

/** What was read at an instant, as it counts for a finding. */
export interface ExplainedReading {
  readonly t: string
  readonly temperature?: number | null
  readonly battery?: number | null
  readonly doorOpen?: boolean
  readonly mainsPower?: boolean
}

/** `GET places/:id/findings/:finding/explain`, as far as the page shows it. */
export interface Explained {
  readonly finding: Finding & {
    readonly alarm: string | null
    readonly endReason: string | null
    readonly observedSeconds: number
    readonly worstCaseSeconds: number
    /** Of records too far apart: how many intervals were too long, and the longest. */
    readonly intervals: number | null
    readonly longestSeconds: number | null
  }
  readonly rule: {
    readonly quantity: 'temperature' | 'door' | 'power' | 'battery' | 'contact' | 'recording'
    readonly operator: string | null
    readonly limit: number | null
    readonly durationSeconds: number
    readonly clause: string
    readonly source: string
    readonly confidence: 'seen' | 'seen-2' | 'mem'
  } | null
  readonly placements: readonly { readonly sensor: string }[]
  readonly before: ExplainedReading | null
  readonly readings: readonly ExplainedReading[]
  readonly endedBy: ExplainedReading | null
  readonly unknown: readonly {
    readonly from: string
    readonly to: string
    readonly cause: 'silence' | 'probe-fault' | 'hand-over'
  }[]
  /** False: the later readings, and what was unknown among them, are not told. */
  readonly complete: boolean
  readonly mkt: {
    readonly windows: readonly MktWindow[]
    readonly statement: MktStatement
    readonly products: readonly {
      readonly product: string
      readonly windows: readonly MktWindow[]
      readonly statement: MktStatement
    }[]
  } | null
}

/** The window of a length with the highest mean kinetic temperature. */
interface MktWindow {
  readonly windowSeconds: number
  readonly from: string
  readonly to: string
  readonly mkt: number
  readonly knownSeconds: number
}

type MktStatement = 'no-limit' | 'cold' | 'too-warm' | 'too-cold' | 'too-long' | 'unknown' | 'over' | 'within'

/** An incident, as lists, acts and the live stream show it. */
export interface Incident {
  readonly id: string
  readonly place: string
  readonly cause: Cause
  readonly state: 'raised' | 'acknowledged' | 'resolved'
  readonly grade: 'warning' | 'alarm'
  readonly open: boolean
  readonly seenLate: boolean
  readonly raisedAt: string
  readonly acknowledgedBy: string | null
  readonly acknowledgedAt: string | null
  readonly resolvedBy: string | null
  readonly resolvedAt: string | null
  readonly resolution: 'recovered' | 'withdrawn' | 'by-hand' | null
}

/** Somebody has looked at a place; `GET checks`, and the live stream. */
export interface Check {
  readonly id: string
  readonly place: string
  readonly at: string
  readonly claimedAt: string | null
  readonly note: string
  readonly recordedAt: string
  readonly recordedBy: string
}

/** One message to one person. */
export interface Message {
  readonly id: string
  readonly recipientName: string
  readonly channel: 'console' | 'http' | 'mail'
  readonly template: string
  readonly grade: 'warning' | 'alarm' | null
  readonly text: string
  readonly state: 'waiting' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'superseded'
  readonly createdAt: string
  readonly sentAt: string | null
  readonly receiptAt: string | null
  readonly detail: string | null
}

/** `GET incidents/:id`. */
export interface IncidentStory extends Incident {
  readonly since: string | null
  readonly peak: number | null
  readonly suspected: boolean
  readonly findings: readonly Finding[]
  readonly messages: readonly Message[]
  readonly acts: readonly {
    readonly at: string
    readonly claimedAt: string | null
    readonly actor: string
    readonly kind: string
    readonly reason: string
  }[]
}

/** A bucket of `GET readings?step=`. */
export interface Bucket {
  readonly start: string
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
}

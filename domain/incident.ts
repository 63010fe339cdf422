import type { FactColumns } from './fact-columns.ts'
import type { Cause, Finding } from './finding.ts'
import type { Severity } from './rule.ts'

/**
 * How far people have come with an incident (报警事件). `raised`: nobody has taken it. `acknowledged` (确认接警):
 * somebody answers for it. `resolved` (办结): it is over and was taken, or it never was.
 */
export const incidentStates = ['raised', 'acknowledged', 'resolved'] as const
/** One state; see `incidentStates`. */
export type IncidentState = (typeof incidentStates)[number]

/**
 * Why an incident is resolved. `recovered`: taken, and back in range. `withdrawn`: a correction showed that it never
 * was. `by-hand`: a person closed it after it was over, and said why.
 */
export const resolutions = ['recovered', 'withdrawn', 'by-hand'] as const
/** One reason; see `resolutions`. */
export type IncidentResolution = (typeof resolutions)[number]

/**
 * What people are called for: the findings of one place and cause until somebody has taken it. One live row per
 * incident, from the instant it was raised; each change supersedes it, so its course is in `recordedAt`.
 */
export interface IncidentFact extends FactColumns {
  readonly id: string
  readonly place: string
  readonly cause: Cause
  readonly state: IncidentState
  /** The highest there was. */
  readonly grade: Severity
  /** 1 while one of its findings is open. */
  readonly open: 0 | 1
  /** 1 when it was over before anybody could be called. */
  readonly seenLate: 0 | 1
  /** 1 while those who were called, or took it, believe that it is open. */
  readonly told: 0 | 1
  /** The grade somebody was last called for or took it at, and when last somebody was called, epoch ms. */
  readonly calledGrade: Severity | null
  /** The tightest end of a product's label that one of its findings is about, milli-degrees C; null: none is. */
  readonly labelMilliC: number | null
  /** The tightest one that somebody was called for, or took it at. */
  readonly calledLabelMilliC: number | null
  readonly calledMs: number | null
  /** A call is due then, epoch ms, if it is still open: it waits for a newer reading, or for the last call's echo. */
  readonly callDueMs: number | null
  readonly acknowledgedBy: string | null
  readonly acknowledgedMs: number | null
  readonly resolvedBy: string | null
  readonly resolvedMs: number | null
  readonly resolution: IncidentResolution | null
  /** Who silenced their screen (消音) last, and until when, epoch ms. It is no acknowledgement. */
  readonly mutedBy: string | null
  readonly mutedUntilMs: number | null
}

/** A finding that belongs to an incident, for good: also after it was moved or withdrawn. */
export interface IncidentFindingFact extends FactColumns {
  readonly incident: string
  readonly finding: string
}

/** Ways to tell people. `console`: the terminal of the server. `http`: a gateway for SMS or calls. `mail`: SMTP. */
export const channelNames = ['console', 'http', 'mail'] as const
/** One way; see `channelNames`. */
export type ChannelName = (typeof channelNames)[number]

/** Languages of messages and pages. */
export const languages = ['zh', 'en'] as const
/** One language; see `languages`. */
export type Language = (typeof languages)[number]

/** Somebody who is called for a place and those in it, during some hours. */
export interface RecipientFact extends FactColumns {
  readonly id: string
  readonly place: string
  readonly name: string
  readonly channel: ChannelName
  /** A phone number in E.164 for `http`, a mail address for `mail`, empty for `console`. */
  readonly address: string
  readonly language: Language
  /** `hoursText` of when they are called; empty = always. */
  readonly hours: string
  readonly state: 'active' | 'ended'
}

/**
 * What a message says. `incident-raised`: it began. `incident-worse`: a higher level joined, or the tighter label of a
 * product began to count. `incident-again`: it was over and is back. `incident-over`: it is back in range.
 * `incident-withdrawn`: a correction showed that it never was out. `test`: whether the road to the person works.
 */
export const messageTemplates = [
  'incident-raised',
  'incident-worse',
  'incident-again',
  'incident-over',
  'incident-withdrawn',
  'test',
] as const
/** One template; see `messageTemplates`. */
export type MessageTemplate = (typeof messageTemplates)[number]

/**
 * `waiting`: in the outbox. `sent`: the channel took it. `delivered`, `undelivered`: what its receipt said. `failed`:
 * given up. `superseded`: what it would have said was over, or taken, before it could be sent.
 */
export const messageStates = ['waiting', 'sent', 'delivered', 'undelivered', 'failed', 'superseded'] as const
/** One state; see `messageStates`. */
export type MessageState = (typeof messageStates)[number]

/** One message to one recipient. One live row each, from the instant it was decided. */
export interface MessageFact extends FactColumns {
  readonly id: string
  /** Number of the act that decided it: messages are in this order. */
  readonly decidedBy: number
  /** Null for a test. */
  readonly incident: string | null
  readonly recipient: string
  /** The fact row of the recipient that has the address it goes to. */
  readonly recipientFact: number
  readonly channel: ChannelName
  readonly template: MessageTemplate
  readonly grade: Severity | null
  readonly language: Language
  readonly subject: string
  readonly text: string
  /** JSON object of the values in the text, for gateways with templates of their own. */
  readonly variables: string
  /** 1 when it went to somebody outside their hours, because nobody else was there. */
  readonly outsideHours: 0 | 1
  readonly state: MessageState
  readonly sentMs: number | null
  readonly receiptMs: number | null
  /** What the channel calls it. */
  readonly reference: string | null
  /** Why it failed, or what its receipt said. */
  readonly detail: string | null
}

/** How loud a finding is: an alarm when the required range was left, a warning below that or on suspicion. */
export function gradeOf({ level, state }: Pick<Finding, 'level' | 'state'>): Severity {
  return level === 'range' && state === 'confirmed' ? 'alarm' : 'warning'
}

/** The louder of two grades; null is quieter than any. */
export function louder(a: Severity, b: Severity | null): Severity {
  return a === 'alarm' || b === 'alarm' ? 'alarm' : 'warning'
}

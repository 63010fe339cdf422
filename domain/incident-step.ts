import type { Cause } from './finding.ts'
import type { IncidentResolution, MessageTemplate } from './incident.ts'
import type { Severity } from './rule.ts'

/**
 * One thing the desk does about the findings of a place and cause. Findings are named by their ids; `labelMilliC` is
 * the tightest end of a label that findings of it were about up to then, or, of a call, that people were called for.
 */
export type IncidentStep =
  /** A new incident; `open` false: it was over when it was first seen. */
  | {
      readonly kind: 'raise'
      readonly place: string
      readonly cause: Cause
      readonly grade: Severity
      readonly labelMilliC: number | null
      readonly open: boolean
      readonly findings: readonly string[]
    }
  /** More findings belong to it, or one became louder or tighter; `grade` is the highest there was, with them. */
  | {
      readonly kind: 'join'
      readonly grade: Severity
      readonly labelMilliC: number | null
      readonly findings: readonly string[]
    }
  /** It was over and is not any more. */
  | { readonly kind: 'reopen' }
  /** A call is due then, epoch ms, unless something newer says otherwise; null: none is any more. */
  | { readonly kind: 'wait'; readonly callDueMs: number | null }
  | {
      readonly kind: 'call'
      readonly grade: Severity
      readonly labelMilliC: number | null
      readonly template: Extract<MessageTemplate, 'incident-raised' | 'incident-worse' | 'incident-again'>
    }
  /** Nothing of it is open any more. `tell`: those who were called are told; `seenLate`: nobody ever was. */
  | { readonly kind: 'over'; readonly tell: boolean; readonly seenLate: boolean }
  | { readonly kind: 'resolve'; readonly resolution: IncidentResolution }

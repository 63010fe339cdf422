import assert from 'node:assert'
import {
  type ContactRule,
  type EndReason,
  maxGapFloorMs,
  maxGapMs,
  NEVER_HEARD_MS,
  type Silence,
} from '../../domain/index.ts'
import { findingId } from './finding-id.ts'
import type { ExpectedInterval, RuleInForce } from './input.ts'
import { endOf, isInteger, orderedSpans, type Span, spanAt } from './spans.ts'
import { contactTermsOf, type TermsInput, type TermsOfRule } from './terms.ts'

/** How one sensor was heard, by the clock of whoever received, epoch ms. */
export interface Contact extends Span {
  /**
   * Times between two temperatures that came one after the other, and from 0 on the one before the first; short ones,
   * and the first where it is not known, may be missing.
   */
  readonly silences: readonly { readonly fromMs: number; readonly toMs: number }[]
  /** When the newest temperature came; `NEVER_HEARD_MS` before the first; null where that is not known. */
  readonly lastMs: number | null
}

/** A judged point with everything that tells of its silence. */
export interface ContactInput extends TermsInput {
  readonly expectedIntervals: readonly ExpectedInterval[]
  /** Its successive judged placements, and what was heard of the sensor of each; periods do not overlap. */
  readonly contacts: readonly Contact[]
}

/** Nothing was heard from `fromMs` on; it ended for `endReason`, or is not over. */
interface Quiet extends Span {
  readonly endReason: EndReason
}

/**
 * The times a point was silent for longer than a rule allows, up to `asOfMs`: a pure function of what was heard. A
 * sensor that was elsewhere before, or never heard of, is silent from its placement on. The rule's
 * duration counts, but never less than three expected intervals and the floor of the place: a logger that reports
 * twice a day is not silent at noon.
 */
export function silencesOf(input: ContactInput, asOfMs: number): readonly Silence[] {
  const quiet = quietTimes(input, asOfMs)
  return contactTermsOf(input).flatMap((terms) =>
    quiet.flatMap((each) => inQuiet(input, terms, each, asOfMs)),
  )
}

function quietTimes(input: ContactInput, asOfMs: number): readonly Quiet[] {
  const { point, contacts } = input
  return orderedSpans(contacts, `contacts of ${point}`).flatMap((contact): Quiet[] => {
    const { silences, lastMs, toMs } = contact
    const expectedMs = expectedFromMs(input, contact)
    const times = orderedSpans(silences, `silences at ${point}`).map(
      (each): Quiet => ({ ...each, endReason: 'recovered' }),
    )
    if (lastMs !== null && lastMs < asOfMs) times.push({ fromMs: lastMs, toMs: null, endReason: 'recovered' })
    return times
      .map((each): Quiet => {
        const isRemoved = endOf(contact) < endOf(each)
        const fromMs = each.fromMs <= NEVER_HEARD_MS ? expectedMs : Math.max(each.fromMs, contact.fromMs)
        return isRemoved ? { fromMs, toMs, endReason: 'removed' } : { ...each, fromMs }
      })
      .filter((each) => each.fromMs < Math.min(endOf(each), asOfMs))
  })
}

/** From when on the sensor of a placement should have been heard: its device is registered, and it is at the point. */
function expectedFromMs({ expectedIntervals }: ContactInput, contact: Contact): number {
  const begun = expectedIntervals
    .filter((each) => each.fromMs < endOf(contact) && endOf(each) > contact.fromMs)
    .map((each) => Math.max(each.fromMs, contact.fromMs))
  return Math.min(...begun, begun.length === 0 ? contact.fromMs : Number.POSITIVE_INFINITY)
}

/** The parts of a quiet time in which the rule applies without a break, as far as each is long enough. */
function inQuiet(
  input: ContactInput,
  { terms }: TermsOfRule<ContactRule>,
  quiet: Quiet,
  asOfMs: number,
): readonly Silence[] {
  assert(isInteger(quiet.fromMs), `${input.point}: times are integers`)
  const found: Silence[] = []
  let running:
    | { readonly first: RuleInForce<ContactRule>; readonly fromMs: number; alarmMs: number | null }
    | undefined
  const end = (endMs: number | null, endReason: EndReason | null): void => {
    if (running !== undefined && running.alarmMs !== null)
      found.push(asSilence(input, running, endMs, endReason, asOfMs))
    running = undefined
  }
  for (const [index, term] of terms.entries()) {
    const fromMs = Math.max(term.fromMs, quiet.fromMs)
    const toMs = Math.min(terms[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY, endOf(quiet))
    // as-of itself counts, as it does for values: what ends or is due just then, unless a temperature comes just then
    if (toMs <= fromMs || fromMs > asOfMs) continue
    if (term.inForce === null) {
      end(fromMs, term.reason)
      continue
    }
    running ??= { first: term.inForce, fromMs, alarmMs: null }
    const dueMs = Math.max(fromMs, running.fromMs + allowedMs(input, term.inForce.rule, running.fromMs))
    if (running.alarmMs === null && dueMs < toMs && dueMs <= asOfMs) running.alarmMs = dueMs
  }
  const isOver = endOf(quiet) <= asOfMs
  end(isOver ? quiet.toMs : null, isOver ? quiet.endReason : null)
  return found
}

function allowedMs(
  { expectedIntervals, placeKind, point }: ContactInput,
  rule: ContactRule,
  atMs: number,
): number {
  const intervals = orderedSpans(expectedIntervals, `expected intervals of ${point}`)
  const expectedMs = spanAt(intervals, atMs)?.expectedIntervalMs ?? 0
  return Math.max(rule.mode.durationMs, maxGapMs(expectedMs, maxGapFloorMs(placeKind)))
}

function asSilence(
  { point, place }: ContactInput,
  running: {
    readonly first: RuleInForce<ContactRule>
    readonly fromMs: number
    readonly alarmMs: number | null
  },
  endMs: number | null,
  endReason: EndReason | null,
  asOfMs: number,
): Silence {
  const { rule, packVersion } = running.first
  const silentMs = (endMs ?? asOfMs) - running.fromMs
  return {
    kind: 'silence',
    id: findingId(point, rule.id, packVersion, running.fromMs),
    point,
    place,
    rule: rule.id,
    packVersion,
    level: rule.level,
    state: 'confirmed',
    open: endMs === null,
    startMs: running.fromMs,
    alarmMs: running.alarmMs ?? running.fromMs,
    endMs,
    endReason,
    observedMs: silentMs,
    worstCaseMs: silentMs,
  }
}

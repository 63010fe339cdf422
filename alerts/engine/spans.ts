import assert from 'node:assert'
import { isDeepStrictEqual } from 'node:util'

/** Half-open period [fromMs, toMs), epoch ms; null = open. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number | null
}

/** The end of a span, or Infinity. */
export function endOf(span: Span): number {
  return span.toMs ?? Number.POSITIVE_INFINITY
}

/** True when the instant lies in the span. */
export function isWithin(span: Span, tMs: number): boolean {
  return span.fromMs <= tMs && tMs < endOf(span)
}

/**
 * Spans in order of time, without empty ones; one that is given twice does no harm. Facts of one kind never
 * overlap: two that do are a mistake of the caller, because the answer would depend on their order.
 */
export function orderedSpans<S extends Span>(spans: readonly S[], what: string): readonly S[] {
  const ordered: S[] = []
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    assert(
      isInteger(span.fromMs) && (span.toMs === null || isInteger(span.toMs)),
      `${what}: times are integers`,
    )
    if (endOf(span) <= span.fromMs) continue
    const previous = ordered.at(-1)
    const isApart = previous === undefined || endOf(previous) <= span.fromMs
    assert(isApart || isDeepStrictEqual(span, previous), `${what}: two overlap at ${span.fromMs}`)
    ordered.push(span)
  }
  return ordered
}

/** The span of an ordered list that holds at an instant. */
export function spanAt<S extends Span>(ordered: readonly S[], tMs: number): S | undefined {
  let low = 0
  let high = ordered.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ordered[middle]?.fromMs ?? 0) <= tMs) low = middle + 1
    else high = middle
  }
  const found = ordered[low - 1]
  return found !== undefined && isWithin(found, tMs) ? found : undefined
}

/** What every instant and value of the engine is. */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value)
}

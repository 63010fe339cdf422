import { coverOf, legsOf, lifeWithin, type Period } from '../../batches/index.ts'
import type { PlaceFact, PointFact } from '../../domain/index.ts'
import type { FactsView, Queries } from '../../store/index.ts'

/** What a report is about. */
export type Subject = Queries['report.excursions']['subject']

/** A time in which a point speaks for what a report is about; `point` null where a place has none. */
export interface WatchedSpan extends Period {
  readonly place: PlaceFact
  readonly point: PointFact | null
}

/**
 * When which points speak for a place, or for a lot while it lay where it may be seen: the judged points of the
 * place and of those nested in it, else of the nearest place around it that has some. No two spans of one point
 * overlap, nor two of one place that has none.
 */
export function spansOf(
  view: FactsView,
  subject: Subject,
  period: Period,
  isSeen: (place: PlaceFact) => boolean,
): readonly WatchedSpan[] {
  if (subject.by === 'place') return united(spansOfPlace(view, subject.place, period))
  const legs = legsOf(view, subject.lot, period, { isSeen })
  return united(legs.flatMap((leg) => spansOfPlace(view, leg.place, leg)))
}

function spansOfPlace(view: FactsView, id: string, period: Period): readonly WatchedSpan[] {
  const place = view.place(id)
  if (place === undefined) return []
  const cover = coverOf(view, id)
  if (cover === undefined) return [{ place, point: null, fromMs: period.fromMs, toMs: period.toMs }]
  return cover.points.flatMap((point) => {
    const life = lifeWithin(view, point, period)
    return life === undefined ? [] : [{ place: view.place(point.place) ?? place, point, ...life }]
  })
}

/** By place, point and time; what touches or overlaps is one span. */
function united(spans: readonly WatchedSpan[]): readonly WatchedSpan[] {
  const keyOf = ({ place, point }: WatchedSpan): string => `${place.id} ${point?.id ?? ''}`
  const ordered = spans.toSorted((a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)]
    return left === right ? a.fromMs - b.fromMs : left < right ? -1 : 1
  })
  const joined: WatchedSpan[] = []
  for (const span of ordered) {
    const before = joined.at(-1)
    if (before !== undefined && keyOf(before) === keyOf(span) && span.fromMs <= before.toMs) {
      joined[joined.length - 1] = { ...before, toMs: Math.max(before.toMs, span.toMs) }
    } else {
      joined.push(span)
    }
  }
  return joined
}

import { placesSpokenFor } from '../../../batches/index.ts'
import type { TemperatureRule } from '../../../domain/index.ts'
import type { FactsView } from '../../../store/index.ts'
import { type LabelsOf, type TightestLabels, tightestLabels } from './labels.ts'

/**
 * The labels at points by the facts of a view, kept until something has changed that they rest on: any place, point,
 * lot or product, what lies where the point speaks for it, or the rules. Without that, any change of the facts would go
 * through all that ever lay there, at each point. What is kept grows with the points, and not with the stock.
 */
export class KeptLabels {
  readonly #view: FactsView
  readonly #kept = new Map<string, Kept>()

  constructor(view: FactsView) {
    this.#view = view
  }

  /** The labels as `labelsBy` tells them. */
  readonly of: LabelsOf = (point, rules) => {
    const view = this.#view
    const kept = this.#kept.get(point)
    const { catalogueVersion } = view
    const isSameUnit = kept?.catalogueVersion === catalogueVersion
    const places = isSameUnit ? kept.places : placesSpokenFor(view, point)
    const stockVersion = places.reduce((newest, place) => Math.max(newest, view.stockVersion(place)), 0)
    if (isSameUnit && kept.stockVersion === stockVersion && isSame(kept.rules, rules)) return kept.labels
    const labels = tightestLabels(view, places, rules)
    this.#kept.set(point, { catalogueVersion, stockVersion, rules, places, labels })
    return labels
  }
}

/** Labels with what they rest on. */
interface Kept {
  readonly catalogueVersion: number
  /** The newest of the places. */
  readonly stockVersion: number
  readonly rules: readonly TemperatureRule[]
  readonly places: readonly string[]
  readonly labels: TightestLabels
}

/** The rules of a pack that was read once are the same objects. */
function isSame(some: readonly TemperatureRule[], others: readonly TemperatureRule[]): boolean {
  return some.length === others.length && some.every((rule, nth) => rule === others[nth])
}

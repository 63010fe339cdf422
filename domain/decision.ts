import type { Measurements } from './reading.ts'
import { quantities } from './reading.ts'

type Quantity = keyof Measurements

/** A delivery of a reading: its record, its place in it, and when that was received, epoch ms. */
export interface Delivery {
  readonly index: number
  readonly item: number
  readonly receivedAtMs: number
}

/** What a delivery told of a reading that stands. */
export interface ToldPart extends Delivery {
  readonly told: readonly Quantity[]
}

/** A reading that stands, and who told what of it. */
export interface StandingReading {
  readonly values: Measurements
  /** The delivery it is stored as; it told whatever no part says. */
  readonly first: Delivery
  /**
   * What others told, and once something was decided, what the first told too. Several tell one quantity where a chosen
   * one that the reading is stored as says what another one had told before.
   */
  readonly parts: readonly ToldPart[]
}

/** What a standing reading becomes by a decision. */
export interface DecidedReading extends StandingReading {
  /** The deliveries that were wrong about something, with the values of them that stood until then. */
  readonly lost: readonly (Delivery & { readonly values: Measurements })[]
}

/**
 * Decides for a delivery that contradicts a standing reading (design section 5, conflict): each value it told stands
 * from now on, and what it did not tell stays. Whoever had told another value is lost. It takes their place, also for
 * what they alone had told rightly if it says the same; what else only they had told stays theirs. What the reading is
 * stored as tells all it says, besides whoever told it before: or it could be wrong about something and not be lost.
 */
export function decideFor(
  standing: StandingReading,
  chosen: Delivery & { readonly values: Measurements },
): DecidedReading {
  const { values, parts } = standing
  const first = parts.find((part) => isSame(part, standing.first)) ?? standing.first
  const before = tellersOf(values, first, parts)
  const lost = new Set<Delivery>()
  for (const [quantity, tellers] of before) {
    const now = chosen.values[quantity]
    if (now === undefined || now === values[quantity]) continue
    for (const teller of tellers) lost.add(teller)
  }
  const after = new Map<Quantity, readonly Delivery[]>()
  for (const quantity of quantities) {
    const tellers = before.get(quantity) ?? []
    const right = tellers.filter((teller) => !lost.has(teller))
    if (chosen.values[quantity] === undefined) {
      after.set(quantity, right.length > 0 ? right : tellers)
      continue
    }
    const others = right.filter((teller) => !isSame(teller, chosen))
    const isTold = others.length === right.length && right.length > 0 && !lost.has(first)
    after.set(quantity, isTold ? right : [...others, chosen])
  }
  return {
    values: { ...values, ...chosen.values },
    first: lost.has(first) ? chosen : first,
    parts: partsOf(after),
    lost: [...lost].map((delivery) => ({ ...placeOf(delivery), values: valuesOf(delivery, before, values) })),
  }
}

/** Each quantity that stands, by the deliveries that told it. */
function tellersOf(
  values: Measurements,
  first: Delivery,
  parts: readonly ToldPart[],
): ReadonlyMap<Quantity, readonly Delivery[]> {
  const tellers = new Map<Quantity, readonly Delivery[]>()
  for (const quantity of quantities) {
    if (values[quantity] === undefined) continue
    const telling = parts.filter(({ told }) => told.includes(quantity))
    tellers.set(quantity, telling.length > 0 ? telling : [first])
  }
  return tellers
}

function placeOf({ index, item, receivedAtMs }: Delivery): Delivery {
  return { index, item, receivedAtMs }
}

function isSame(one: Delivery, other: Delivery): boolean {
  return one.index === other.index && one.item === other.item
}

function valuesOf(
  delivery: Delivery,
  toldBy: ReadonlyMap<Quantity, readonly Delivery[]>,
  values: Measurements,
): Measurements {
  return Object.fromEntries(toldOf(delivery, toldBy).map((quantity) => [quantity, values[quantity]]))
}

function partsOf(toldBy: ReadonlyMap<Quantity, readonly Delivery[]>): readonly ToldPart[] {
  const deliveries = [...new Set([...toldBy.values()].flat())]
  return deliveries.map((delivery) => ({ ...placeOf(delivery), told: toldOf(delivery, toldBy) }))
}

function toldOf(delivery: Delivery, toldBy: ReadonlyMap<Quantity, readonly Delivery[]>): readonly Quantity[] {
  return [...toldBy].filter(([, tellers]) => tellers.includes(delivery)).map(([quantity]) => quantity)
}

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
  /** The delivery it is stored as; it told whatever the others did not. */
  readonly first: Delivery
  readonly others: readonly ToldPart[]
}

/** What a standing reading becomes by a decision. */
export interface DecidedReading extends StandingReading {
  /** The deliveries that were wrong about something, with the values of them that stood until then. */
  readonly lost: readonly (Delivery & { readonly values: Measurements })[]
}

/**
 * Decides for a delivery that contradicts a standing reading (design section 5, conflict): each value it told stands
 * from now on, and what it did not tell stays. It takes the place of the deliveries that were wrong, also for what
 * they had told rightly if it says the same; what only they had told stays theirs.
 */
export function decideFor(
  standing: StandingReading,
  chosen: Delivery & { readonly values: Measurements },
): DecidedReading {
  const { values, others, first } = standing
  const before = new Map<Quantity, Delivery>()
  for (const quantity of quantities) {
    if (values[quantity] === undefined) continue
    before.set(quantity, others.find(({ told }) => told.includes(quantity)) ?? first)
  }
  const lost = new Map<Delivery, Measurements>()
  for (const [quantity, delivery] of before) {
    const now = chosen.values[quantity]
    if (now !== undefined && now !== values[quantity]) lost.set(delivery, valuesOf(delivery, before, values))
  }
  const after = new Map(before)
  for (const quantity of quantities) {
    if (chosen.values[quantity] === undefined) continue
    const delivery = before.get(quantity)
    const isTaken = delivery === undefined || lost.has(delivery) || isSame(delivery, chosen)
    if (isTaken) after.set(quantity, chosen)
  }
  const stays = lost.has(first) ? chosen : first
  return {
    values: { ...values, ...chosen.values },
    first: stays,
    others: partsOf(after).filter((part) => !isSame(part, stays)),
    lost: [...lost].map(([{ index, item, receivedAtMs }, told]) => ({
      index,
      item,
      receivedAtMs,
      values: told,
    })),
  }
}

function isSame(one: Delivery, other: Delivery): boolean {
  return one.index === other.index && one.item === other.item
}

function valuesOf(
  delivery: Delivery,
  toldBy: ReadonlyMap<Quantity, Delivery>,
  values: Measurements,
): Measurements {
  const told = [...toldBy].filter(([, teller]) => teller === delivery)
  return Object.fromEntries(told.map(([quantity]) => [quantity, values[quantity]]))
}

function partsOf(toldBy: ReadonlyMap<Quantity, Delivery>): readonly ToldPart[] {
  const deliveries = [...new Set(toldBy.values())]
  return deliveries.map((delivery) => {
    const { index, item, receivedAtMs } = delivery
    const told = [...toldBy].filter(([, teller]) => teller === delivery).map(([quantity]) => quantity)
    return { index, item, receivedAtMs, told }
  })
}

/** Between which instants readings have changed, both included; epoch ms. */
export interface Changed {
  /** Infinity: none. */
  readonly fromMs: number
  /** Infinity: from the first on, everything. */
  readonly toMs: number
}

/** The shortest time that has both in it. */
export function together(one: Changed, other: Changed): Changed {
  return { fromMs: Math.min(one.fromMs, other.fromMs), toMs: Math.max(one.toMs, other.toMs) }
}

/** Where two overlap. */
export function overlap(one: Changed, other: Changed): Changed {
  return { fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) }
}

/** True when nothing of the inner one lies outside. */
export function isIn(inner: Changed, outer: Changed): boolean {
  return outer.fromMs <= inner.fromMs && inner.toMs <= outer.toMs
}

/** From the earlier of two instants on, everything. */
export function sinceFirst(oneMs: number, otherMs: number): Changed {
  return { fromMs: Math.min(oneMs, otherMs), toMs: Number.POSITIVE_INFINITY }
}

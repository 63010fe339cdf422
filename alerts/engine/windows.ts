const DAY_MS = 86_400_000

/** A format takes longer to make than a point to judge; there are as many as zones in use. */
const known = new Map<string, LocalDays>()

/** The days of a zone. Throws `RangeError` when there is no such zone. */
export function localDaysOf(zone: string): LocalDays {
  const days = known.get(zone) ?? new LocalDays(zone)
  known.set(zone, days)
  return days
}

/** Local days of one IANA zone: where the calendar day that an instant lies in begins and ends, epoch ms. */
export class LocalDays {
  readonly #format: Intl.DateTimeFormat
  #fromMs = 0
  #toMs = 0

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
  }

  /** [fromMs, toMs); days around a change of clocks are longer or shorter than 24 hours. */
  dayAt(tMs: number): { readonly fromMs: number; readonly toMs: number } {
    if (tMs < this.#fromMs || tMs >= this.#toMs) {
      const day = this.#format.format(tMs)
      this.#fromMs = this.#edge(tMs - 2 * DAY_MS, tMs, (at) => this.#format.format(at) === day)
      this.#toMs = this.#edge(tMs, tMs + 2 * DAY_MS, (at) => this.#format.format(at) !== day)
    }
    return { fromMs: this.#fromMs, toMs: this.#toMs }
  }

  /** The first instant in (lowMs, highMs] at which something is so that was not before, and stays so. */
  #edge(lowMs: number, highMs: number, isSo: (tMs: number) => boolean): number {
    let low = lowMs
    let high = highMs
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (isSo(middle)) high = middle
      else low = middle
    }
    return high
  }
}

/** When time alone may change what is found at points, epoch ms; null: never, undefined: it was not looked at. */
export interface Due {
  readonly silenceDueMs: number | null | undefined
  readonly recordDueMs: number | null | undefined
}

/** The points that only have to wait to be silent, or to have records too far apart. */
export class DuePoints {
  readonly #silenceMs = new Map<string, number>()
  readonly #recordMs = new Map<string, number>()

  /** Nothing is known of these points: they are due at once. */
  expectAll(points: readonly string[]): void {
    for (const point of points) this.#silenceMs.set(point, Number.MIN_SAFE_INTEGER)
  }

  note(point: string, { silenceDueMs, recordDueMs }: Due): void {
    noteIn(this.#silenceMs, point, silenceDueMs)
    noteIn(this.#recordMs, point, recordDueMs)
  }

  /** The point is no more, or is judged again whatever the time is. */
  forget(point: string): void {
    this.note(point, { silenceDueMs: null, recordDueMs: null })
  }

  /** The points at which time may have changed something by an instant. */
  by(atMs: number): ReadonlySet<string> {
    const due = [...this.#silenceMs, ...this.#recordMs].filter(([, dueMs]) => dueMs <= atMs)
    return new Set(due.map(([point]) => point))
  }
}

function noteIn(due: Map<string, number>, point: string, dueMs: number | null | undefined): void {
  if (dueMs === null) due.delete(point)
  else if (dueMs !== undefined) due.set(point, dueMs)
}

import { sensorPath } from '../../domain/index.ts'
import type { ProjectionReads } from '../readings/canonical-port.ts'
import type { ChangedTuple } from '../readings/tuples.ts'
import { addReading, readingKey, type Refused } from './line.ts'
import type { Lines } from './lines.ts'
import type { ProjectedPlaces } from './reprojection.ts'

/** What readings of a series are written under while they are of [fromMs, toMs), epoch ms. */
interface Key {
  readonly fromMs: number
  readonly toMs: number
  readonly key: Uint8Array | Refused
}

/** Keys are forgotten beyond this many series; some 500 bytes each. */
const SERIES_MAX = 131_072

/** Makes lines of rows; where a sensor was is looked up once for all its rows of the time it was there. */
export class ReadingLines {
  readonly #reads: Pick<ProjectionReads, 'sensorOf'>
  readonly #places: Pick<ProjectedPlaces, 'around' | 'version'>
  readonly #keys = new Map<number, Key>()
  #version = -1

  constructor(reads: Pick<ProjectionReads, 'sensorOf'>, places: Pick<ProjectedPlaces, 'around' | 'version'>) {
    this.#reads = reads
    this.#places = places
  }

  /** One more line: a row, where its sensor was by the places of now. Answers why it cannot be one. */
  add(lines: Lines, row: ChangedTuple): Refused | undefined {
    const [, series, tMs] = row
    const version = this.#places.version()
    if (version !== this.#version || this.#keys.size > SERIES_MAX) this.#keys.clear()
    this.#version = version
    let known = this.#keys.get(series)
    if (known === undefined || tMs < known.fromMs || tMs >= known.toMs) {
      known = this.#keyAround(series, tMs)
      this.#keys.set(series, known)
    }
    return 'refused' in known.key ? known.key : addReading(lines, known.key, row)
  }

  #keyAround(series: number, tMs: number): Key {
    const named = this.#reads.sensorOf(series)
    // a row without a series cannot be: the store would not have taken it
    const { device, sensor } = named ?? { device: '', sensor: '' }
    const { fromMs, toMs, where } = this.#places.around(device, sensor, tMs)
    return { fromMs, toMs, key: readingKey(sensorPath(device, sensor), where) }
  }
}

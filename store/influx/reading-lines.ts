import { sensorPath } from '../../domain/index.ts'
import type { ProjectionReads } from '../readings/canonical-port.ts'
import type { ChangedTuple } from '../readings/tuples.ts'
import { lineUnder, readingTags, type Refused } from './line.ts'
import type { ProjectedPlaces } from './reprojection.ts'

/** What readings of a series are written under while they are of [fromMs, toMs), epoch ms. */
interface Tags {
  readonly fromMs: number
  readonly toMs: number
  readonly tags: string | Refused
}

/** Tags are forgotten beyond this many series; some 300 bytes each. */
const SERIES_MAX = 131_072

/** Makes lines of rows; where a sensor was is looked up once for all its rows of the time it was there. */
export class ReadingLines {
  readonly #reads: Pick<ProjectionReads, 'sensorOf'>
  readonly #places: Pick<ProjectedPlaces, 'around' | 'version'>
  readonly #tags = new Map<number, Tags>()
  #version = -1

  constructor(reads: Pick<ProjectionReads, 'sensorOf'>, places: Pick<ProjectedPlaces, 'around' | 'version'>) {
    this.#reads = reads
    this.#places = places
  }

  /** A row as a line, where its sensor was by the places of now; or why it cannot be one. */
  of(row: ChangedTuple): string | Refused {
    const [, series, tMs] = row
    const version = this.#places.version()
    if (version !== this.#version || this.#tags.size > SERIES_MAX) this.#tags.clear()
    this.#version = version
    let known = this.#tags.get(series)
    if (known === undefined || tMs < known.fromMs || tMs >= known.toMs) {
      known = this.#tagsAround(series, tMs)
      this.#tags.set(series, known)
    }
    return typeof known.tags === 'string' ? lineUnder(known.tags, row) : known.tags
  }

  #tagsAround(series: number, tMs: number): Tags {
    const named = this.#reads.sensorOf(series)
    // a row without a series cannot be: the store would not have taken it
    const { device, sensor } = named ?? { device: '', sensor: '' }
    const { fromMs, toMs, where } = this.#places.around(device, sensor, tMs)
    return { fromMs, toMs, tags: readingTags(sensorPath(device, sensor), where) }
  }
}

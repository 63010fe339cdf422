import { dataLayout } from '../../app/layout.ts'
import { openCanonicalReads } from '../../store/index.ts'
import { Lines } from '../../store/influx/lines.ts'
import { ROWS_PER_WRITE } from '../../store/influx/projection.ts'
import { ReadingLines } from '../../store/influx/reading-lines.ts'
import { whereIs } from './city.ts'

const LINES_PER_POST = 5_000

/** The points Isotherm has written, in the order of their records, as bodies of POSTs. */
export function pointsOf(dataDir: string, fromIndex: number): { bodies: Buffer[]; points: number } {
  const reads = openCanonicalReads({ path: dataLayout(dataDir).readings })
  const bodies: Buffer[] = []
  const made = new ReadingLines(reads, {
    version: () => 0,
    around: (device) => {
      return { fromMs: -Infinity, toMs: Infinity, where: whereIs(Number(device.slice(-5))) }
    },
  })
  const lines = new Lines()
  let points = 0
  const close = (): void => {
    if (lines.count > 0) bodies.push(Buffer.from(lines.body(0, lines.count)))
    lines.clear()
  }
  try {
    const end = reads.cursor('ingest')
    for (let from = fromIndex; from < end; ) {
      const { rows, next } = reads.changedTuples(from, end, ROWS_PER_WRITE)
      // as they came, which is how anybody else would write them
      for (const row of rows.toSorted(([one], [other]) => one - other)) {
        const refused = made.add(lines, row)
        if (refused !== undefined) throw new Error(refused.refused)
        points += 1
        if (lines.count === LINES_PER_POST) close()
      }
      from = next
    }
    close()
    return { bodies, points }
  } finally {
    reads.close()
  }
}

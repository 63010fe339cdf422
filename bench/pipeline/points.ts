import { dataLayout } from '../../app/layout.ts'
import { openCanonicalReads } from '../../store/index.ts'
import { readingLine } from '../../store/influx/line.ts'
import { whereIs } from './city.ts'

const LINES_PER_POST = 5_000
const ROWS_AT_ONCE = 5_000

/** The points Isotherm has written, in the order it did, as bodies of POSTs. */
export function pointsOf(dataDir: string, fromIndex: number): { bodies: Buffer[]; points: number } {
  const reads = openCanonicalReads({ path: dataLayout(dataDir).readings })
  const bodies: Buffer[] = []
  let lines: string[] = []
  let points = 0
  const close = (): void => {
    if (lines.length > 0) bodies.push(Buffer.from(lines.join('\n')))
    lines = []
  }
  try {
    const end = reads.cursor('ingest')
    for (let from = fromIndex; from < end; ) {
      const { rows, next } = reads.changedRows(from, end, ROWS_AT_ONCE)
      for (const row of rows) {
        const line = readingLine(row, whereIs(Number(row.device.slice(-5))))
        if ('refused' in line) throw new Error(line.refused)
        lines.push(line.line)
        points += 1
        if (lines.length === LINES_PER_POST) close()
      }
      from = next
    }
    close()
    return { bodies, points }
  } finally {
    reads.close()
  }
}

import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** One reading of a load: a line of JSON in an ack log. */
export interface LoggedReading {
  readonly device: string
  readonly seq: number
  /** As the device says, epoch ms. */
  readonly at: number
  /** Degrees Celsius, two decimals. */
  readonly temperature: number
}

/** What was sent stands beside what was acknowledged, in the same form. */
export function sentLog(ackLog: string): string {
  return `${ackLog}.sent`
}

/** The readings of an ack log, or of what was sent, line by line. Throws where a line is no reading. */
export async function* readLog(path: string): AsyncGenerator<LoggedReading> {
  if (!existsSync(path)) throw new Error(`there is no log ${path}`)
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path) })) {
    number += 1
    const { device, seq, at, temperature } = JSON.parse(line) as Partial<LoggedReading>
    if (device === undefined || seq === undefined || at === undefined || temperature === undefined)
      throw new Error(`${path}:${number} is no reading: ${line}`)
    yield { device, seq, at, temperature }
  }
}

import { waitFor } from './isotherm.ts'

/** An event as it came. */
export interface LiveEvent {
  readonly event: string
  readonly id: string | undefined
  readonly data: Record<string, unknown>
}

/** A thing of a section. */
export type LiveThing = Record<string, unknown>

/** What a page makes of a live stream: the snapshot, corrected by every event, as docs/live.md says. */
export class LiveMemory {
  readonly points = new Map<string, LiveThing>()
  readonly findings = new Map<string, LiveThing>()
  readonly incidents = new Map<string, LiveThing>()
  readonly checks = new Map<string, LiveThing>()
  snapshots = 0

  take({ event, data }: LiveEvent): void {
    if (event === 'snapshot') {
      this.snapshots += 1
      fill(this.points, data['points'], 'sensor')
      fill(this.findings, data['findings'], 'id')
      fill(this.incidents, data['incidents'], 'id')
      fill(this.checks, data['checks'], 'place')
    } else if (event === 'reading') this.points.set(String(data['sensor']), data)
    else if (event === 'finding') this.findings.set(String(data['id']), data)
    else if (event === 'incident') this.incidents.set(String(data['id']), data)
    else if (event === 'check') this.checks.set(String(data['place']), data)
    else if (event === 'gone') this.#section(data['section']).delete(String(data['id']))
  }

  #section(name: unknown): Map<string, LiveThing> {
    if (name === 'points') return this.points
    if (name === 'checks') return this.checks
    return name === 'findings' ? this.findings : this.incidents
  }
}

function fill(section: Map<string, LiveThing>, items: unknown, key: string): void {
  section.clear()
  for (const item of items as LiveThing[]) section.set(String(item[key]), item)
}

/** Cuts a text of server-sent events into events; what is not whole yet waits for more. */
export class LiveParser {
  #text = ''

  take(more: string): LiveEvent[] {
    const blocks = (this.#text + more).split('\n\n')
    this.#text = blocks.pop() ?? ''
    return blocks.map((block) => {
      const fields = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ')
          return [line.slice(0, colon), line.slice(colon + 2)]
        }),
      )
      const data = JSON.parse(fields.get('data') ?? 'null') as Record<string, unknown>
      return { event: fields.get('event') ?? 'message', id: fields.get('id'), data }
    })
  }
}

/** Reads a live stream over HTTP. */
export class LiveReader {
  readonly events: LiveEvent[] = []
  readonly memory = new LiveMemory()
  /** True when the other side has ended the stream or broken it off. */
  ended = false
  readonly #stopping = new AbortController()
  #headers = new Headers()

  /** Opens a stream; rejects unless it is answered with 200. */
  static async open(base: string, key: string, query = ''): Promise<LiveReader> {
    const reader = new LiveReader()
    const answer = await fetch(`${base}/api/v1/live${query}`, {
      headers: { authorization: `Bearer ${key}` },
      signal: reader.#stopping.signal,
    })
    if (answer.status !== 200 || answer.body === null) {
      throw new Error(`${answer.status} ${await answer.text()}`)
    }
    reader.#headers = answer.headers
    void reader.#read(answer.body)
    return reader
  }

  header(name: string): string | null {
    return this.#headers.get(name)
  }

  named(event: string): Record<string, unknown>[] {
    return this.events.filter((each) => each.event === event).map(({ data }) => data)
  }

  /** Waits until what it has heard so far is as wanted. */
  async until(wanted: (memory: LiveMemory) => boolean, timeoutMs = 10_000): Promise<void> {
    const told = (): string => JSON.stringify([this.ended, this.events.slice(-20)])
    await waitFor(() => wanted(this.memory), timeoutMs, told)
  }

  async untilEnded(timeoutMs = 5_000): Promise<void> {
    await waitFor(() => this.ended, timeoutMs)
  }

  close(): void {
    this.#stopping.abort()
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const parser = new LiveParser()
    const decoder = new TextDecoder()
    try {
      for await (const chunk of body) {
        for (const event of parser.take(decoder.decode(chunk, { stream: true }))) {
          this.events.push(event)
          this.memory.take(event)
        }
      }
    } catch {
      // whether it was ended or broken off is the same to a reader
    }
    this.ended = true
  }
}

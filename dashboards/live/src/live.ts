import { signal } from '@preact/signals'
import type { Check, Finding, Incident, LivePoint } from './answers.ts'
import { after, every, nowMs } from './doors.ts'
import { elapsedMs, instant } from './elapsed.ts'
import { lookWhoIsSignedIn } from './session.ts'

/** Changes are shown together, four times a second at most. */
const SHOW_MS = 250
/** Heartbeats come every 10 s: two and a half of them missing is silence. */
const SILENCE_MS = 25_000
/** Between attempts, when the browser has given up. */
const AGAIN_MS = 3_000
/** How often ages are reckoned anew. */
const AGE_MS = 2_000

/** What the live stream has told. */
export interface Board {
  readonly points: ReadonlyMap<string, LivePoint>
  readonly findings: ReadonlyMap<string, Finding>
  readonly incidents: ReadonlyMap<string, Incident>
  /** The last of each place, by place. */
  readonly checks: ReadonlyMap<string, Check>
}

/** Undefined until the first snapshot. */
export const board = signal<Board | undefined>(undefined)
/** Since when nothing was heard, by the server's clock; undefined while connected. */
export const lostSinceMs = signal<number | undefined>(undefined)
/** False while the server says that it does not follow its core. */
export const isFollowing = signal(true)
/** The time of the server, epoch ms, whatever the clock of this computer says once the server has told it. */
export const serverNowMs = signal(nowMs())

/** Follows the live stream until the answered function is called; connects again by itself. */
export function followLive(onIncident: (incident: Incident) => void): () => void {
  const follower = new Follower(onIncident)
  follower.open()
  const stop = every(AGE_MS, () => follower.look())
  return () => {
    stop()
    follower.end()
  }
}

interface Snapshot {
  readonly asOf: string
  readonly points: readonly LivePoint[]
  readonly findings: readonly Finding[]
  readonly incidents: readonly Incident[]
  readonly checks: readonly Check[]
}

/** What each event tells, by its name. */
interface Told {
  readonly snapshot: Snapshot
  readonly reading: LivePoint
  readonly finding: Finding
  readonly incident: Incident
  readonly check: Check
  readonly gone: { readonly section: string; readonly id: string }
  readonly heartbeat: { readonly at: string; readonly following: boolean }
}

class Follower {
  readonly #points = new Map<string, LivePoint>()
  readonly #findings = new Map<string, Finding>()
  readonly #incidents = new Map<string, Incident>()
  readonly #checks = new Map<string, Check>()
  readonly #onIncident: (incident: Incident) => void
  #source: EventSource | undefined
  #heard = instant()
  /** What the server's clock said last, and when that was heard. */
  #told = { serverMs: nowMs(), heard: instant() }
  #isOver = false
  #willShow = false
  #willOpen = false

  constructor(onIncident: (incident: Incident) => void) {
    this.#onIncident = onIncident
  }

  open(): void {
    if (this.#isOver) return
    const source = new EventSource('/api/v1/live')
    this.#source = source
    this.#heard = instant()
    const on = <N extends keyof Told>(name: N, use: (told: Told[N]) => void): void => {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        this.#hear()
        use(JSON.parse(data) as Told[N])
        this.#show()
      })
    }
    on('snapshot', (told) => this.#replace(told))
    on('reading', (reading) => this.#points.set(reading.sensor, reading))
    on('finding', (finding) => this.#findings.set(finding.id, finding))
    on('incident', (incident) => {
      this.#incidents.set(incident.id, incident)
      this.#onIncident(incident)
    })
    on('check', (check) => this.#checks.set(check.place, check))
    on('gone', ({ section, id }) => {
      if (section === 'points') this.#points.delete(id)
      if (section === 'findings') this.#findings.delete(id)
      if (section === 'incidents') this.#incidents.delete(id)
      if (section === 'checks') this.#checks.delete(id)
    })
    on('heartbeat', ({ at, following }) => {
      this.#setClock(at)
      isFollowing.value = following
    })
    source.addEventListener('error', () => {
      this.#lost()
      // until it gives up, the browser tries again by itself; an ended session is seen at once
      if (source.readyState === EventSource.CLOSED) this.#openLater()
      else void lookWhoIsSignedIn()
    })
  }

  /** Reckons ages anew, and notices silence. */
  look(): void {
    serverNowMs.value = this.#serverNowMs()
    if (elapsedMs(this.#heard) <= SILENCE_MS) return
    this.#lost()
    this.#openLater()
  }

  end(): void {
    this.#isOver = true
    this.#source?.close()
    board.value = undefined
    lostSinceMs.value = undefined
  }

  #replace({ asOf, points, findings, incidents, checks }: Snapshot): void {
    for (const each of [this.#points, this.#findings, this.#incidents, this.#checks]) each.clear()
    for (const each of points) this.#points.set(each.sensor, each)
    for (const each of findings) this.#findings.set(each.id, each)
    for (const each of incidents) this.#incidents.set(each.id, each)
    for (const each of checks) this.#checks.set(each.place, each)
    this.#setClock(asOf)
    for (const each of incidents) this.#onIncident(each)
  }

  #setClock(at: string): void {
    this.#told = { serverMs: Date.parse(at), heard: instant() }
    serverNowMs.value = this.#serverNowMs()
  }

  #serverNowMs(): number {
    return this.#told.serverMs + elapsedMs(this.#told.heard)
  }

  #hear(): void {
    this.#heard = instant()
    lostSinceMs.value = undefined
  }

  #lost(): void {
    if (lostSinceMs.value === undefined) lostSinceMs.value = this.#serverNowMs() - elapsedMs(this.#heard)
  }

  #openLater(): void {
    if (this.#isOver || this.#willOpen) return
    this.#willOpen = true
    this.#source?.close()
    after(AGAIN_MS, () => {
      // an ended session closes the stream; then there is nobody to connect for, and this one is ended
      void lookWhoIsSignedIn().then((isKnown) => {
        this.#willOpen = false
        if (isKnown) this.open()
        else this.#openLater()
      })
    })
  }

  #show(): void {
    if (this.#willShow) return
    this.#willShow = true
    after(SHOW_MS, () => {
      this.#willShow = false
      if (this.#isOver) return
      board.value = {
        points: new Map(this.#points),
        findings: new Map(this.#findings),
        incidents: new Map(this.#incidents),
        checks: new Map(this.#checks),
      }
    })
  }
}

import { instantText } from '../../domain/index.ts'
import type { Caller } from '../access.ts'
import { type Credential, findCaller } from '../caller.ts'
import { Audience, type LiveFilter, type LiveView, viewOf } from './audience.ts'
import type { LiveHubParts, LiveStats } from './hub-parts.ts'
import { KeptSnapshots } from './kept.ts'
import { notAllowed, notReady, tooMany } from './refusals.ts'
import { isNothing, type LiveChange, type LiveSectionName, LiveState, type LiveThing } from './state.ts'
import { BoundedStream, type LiveSink, type SnapshotParts } from './stream.ts'
import { Watched } from './watched.ts'

/** Proxies give up on a silent connection after 30 s or more; a page that hears nothing says so. */
export const HEARTBEAT_MS = 10_000
/** Streams in all: each holds a connection, and at worst `UNSENT_BYTES_MAX` besides a snapshot. */
export const STREAMS_MAX = 1_000
/** Streams of one user or key: a hospital's boards may share a key, a page that leaks streams may not. */
export const STREAMS_PER_CALLER_MAX = 50
/** How soon a browser connects again. */
const RETRY_MS = 2_000

/** Who asks for a stream, and for what. */
export interface LiveRequest {
  readonly caller: Caller
  readonly filter: LiveFilter
  /** Id of the HTTP request, for the log. */
  readonly request?: string | undefined
}

interface Client extends LiveRequest {
  readonly credential: Credential
  readonly stream: BoundedStream
  audience: Audience<Client>
}

/**
 * Holds what is newest and serves it to any number of streams: to each a snapshot, then what changes, of what its
 * caller may see at that moment. Whoever feeds it calls `renew`, `apply` and, when facts have changed, `recheck`.
 */
export class LiveHub {
  readonly #parts: LiveHubParts
  readonly #state = new LiveState()
  readonly #audiences = new Map<string, Audience<Client>>()
  readonly #clients = new Set<Client>()
  /** Per section and organisation, who may see its things; nothing while who reaches what may have changed. */
  readonly #reaching = new Map<LiveSectionName, Map<string, readonly Audience<Client>[]>>()
  readonly #kept: KeptSnapshots
  readonly #closing = new AbortController()
  readonly #watched: Watched
  #isReady = false
  #isBeating = false
  #lastId = 0
  #ended = { dropped: 0, snapshots: 0, stuck: 0 }

  constructor(parts: LiveHubParts) {
    this.#parts = parts
    this.#kept = new KeptSnapshots(parts.snapshotBytesMax)
    const { clock, onWatched = () => undefined } = parts
    this.#watched = new Watched(clock, this.#closing.signal, onWatched)
  }

  /** False until it was told everything once. */
  get ready(): boolean {
    return this.#isReady
  }

  /** Everything is as these things say; each stream gets a fresh snapshot. */
  renew(things: Iterable<LiveThing>): void {
    this.#state.load(things)
    this.#isReady = true
    this.#lastId += 1
    for (const audience of this.#audiences.values()) audience.forget()
    for (const { stream } of this.#clients) stream.sendSnapshot()
  }

  /** These changes, in order; each stream gets those it may see in one piece. */
  apply(changes: readonly LiveChange[]): void {
    for (const change of changes) {
      const before = this.#state.take(change)
      if (isNothing(change, before)) continue
      this.#lastId += 1
      for (const audience of this.#concerned(change, before)) {
        audience.note(change, before?.where, this.#lastId)
      }
    }
    for (const audience of this.#audiences.values()) {
      const events = audience.takeEvents()
      if (events === undefined) continue
      for (const { stream } of audience.streams) stream.sendEvents(events.bytes, events.count)
    }
  }

  /** Facts have changed: ends the streams of those who may not see them any more, and corrects the others. */
  recheck(): void {
    for (const audience of this.#audiences.values()) audience.forget()
    this.#reaching.clear()
    for (const client of this.#clients) this.#recheck(client)
  }

  /** The bytes of a snapshot by itself. Throws `core-unavailable` before the hub is ready, `not-allowed`. */
  snapshotFor(request: LiveRequest): Buffer {
    this.#watched.asked()
    if (!this.#isReady) throw notReady()
    const view = this.#viewOf(request)
    const audience = this.#audiences.get(view.key) ?? new Audience<Client>(this.#parts.facts, view)
    const { head, body, foot } = this.#snapshot(audience)
    return Buffer.concat([Buffer.from(head), body, Buffer.from(foot)])
  }

  /**
   * Finds out whether a stream may be opened, before anything is answered. Throws `not-allowed` when a right is
   * missing, `too-many-requests`.
   */
  check(request: LiveRequest): void {
    this.#viewOf(request)
    const { actor } = request.caller
    const own = [...this.#clients].filter(
      ({ caller }) => caller.actor.kind === actor.kind && caller.actor.id === actor.id,
    )
    if (own.length >= STREAMS_PER_CALLER_MAX) throw tooMany(STREAMS_PER_CALLER_MAX, 'one user or key')
    if (this.#clients.size >= STREAMS_MAX) throw tooMany(STREAMS_MAX, 'this server')
  }

  /**
   * Opens a stream: writes to the sink until either side closes. `check` was before. Until the hub is ready there are
   * heartbeats only: a browser that were refused would not ask again.
   */
  open(asked: LiveRequest & { readonly credential: Credential; readonly sink: LiveSink }): void {
    const { caller, filter, credential, sink, request } = asked
    const audience = this.#audienceOf(this.#viewOf(asked))
    const stream = new BoundedStream(sink, this.#parts.clock.monotonicMs(), () =>
      this.#snapshot(client.audience),
    )
    const client: Client = { request, caller, filter, credential, stream, audience }
    audience.streams.add(client)
    this.#clients.add(client)
    this.#watched.streams(this.#clients.size)
    sink.onClosed(() => {
      this.#leave(client, 'its reader went away')
    })
    if (this.#isReady) stream.sendSnapshot()
    else stream.sendBeat(this.#heartbeat())
    if (!this.#isBeating) void this.#beat()
  }

  stats(): LiveStats {
    const streams = [...this.#clients].map(({ stream }) => stream)
    const { dropped, snapshots, stuck } = this.#ended
    return {
      streams: streams.length,
      unsentBytes: streams.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0),
      dropped: streams.reduce((sum, { droppedCount }) => sum + droppedCount, dropped),
      snapshots: streams.reduce((sum, { snapshotCount }) => sum + snapshotCount, snapshots),
      stuck,
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#closing.abort()
    for (const client of this.#clients) this.#end(client, 'the server stops')
  }

  async #beat(): Promise<void> {
    const { clock } = this.#parts
    this.#isBeating = true
    while (this.#clients.size > 0 && !this.#closing.signal.aborted) {
      await clock.sleep(HEARTBEAT_MS, this.#closing.signal)
      // sessions end by time alone
      for (const client of this.#clients) this.#recheck(client)
      const bytes = this.#heartbeat()
      for (const client of this.#clients) {
        client.stream.sendBeat(bytes)
        if (!client.stream.isStuck(clock.monotonicMs())) continue
        this.#ended.stuck += 1
        this.#end(client, 'its reader has taken nothing for too long')
      }
    }
    this.#isBeating = false
  }

  #recheck(client: Client): void {
    const { facts, clock } = this.#parts
    const caller = findCaller(facts, clock, client.credential)
    const view = caller === undefined ? undefined : viewOf(facts, caller, client.filter)
    if (view === undefined) {
      this.#end(client, 'its caller may not see it any more')
      return
    }
    if (view.key === client.audience.view.key) return
    this.#quit(client)
    client.audience = this.#audienceOf(view)
    client.audience.streams.add(client)
    if (this.#isReady) client.stream.sendSnapshot()
  }

  #heartbeat(): Buffer {
    const { clock, following } = this.#parts
    const beat = { at: instantText(clock.nowMs()), following: following() }
    return Buffer.from(`event: heartbeat\ndata: ${JSON.stringify(beat)}\n\n`)
  }

  #viewOf({ caller, filter }: LiveRequest): LiveView {
    const view = viewOf(this.#parts.facts, caller, filter)
    if (view === undefined) throw notAllowed()
    return view
  }

  #audienceOf(view: LiveView): Audience<Client> {
    const known = this.#audiences.get(view.key)
    if (known !== undefined) return known
    const audience = new Audience<Client>(this.#parts.facts, view)
    this.#audiences.set(view.key, audience)
    this.#reaching.clear()
    return audience
  }

  /** Who may see the thing where it was or is: with a screen in every clinic that is few of many. */
  #concerned(change: LiveChange, before: LiveThing | undefined): Iterable<Audience<Client>> {
    const { section } = change
    const now = change.kind === 'gone' ? undefined : change.where.organisation
    const then = before?.where.organisation
    const reaching = now === undefined ? [] : this.#reachingOf(section, now)
    if (then === undefined || then === now) return reaching
    return new Set([...reaching, ...this.#reachingOf(section, then)])
  }

  #reachingOf(section: LiveSectionName, organisation: string): readonly Audience<Client>[] {
    const ofSection = this.#reaching.get(section) ?? new Map<string, readonly Audience<Client>[]>()
    this.#reaching.set(section, ofSection)
    const known = ofSection.get(organisation)
    if (known !== undefined) return known
    const found = [...this.#audiences.values()].filter((audience) => audience.reaches(section, organisation))
    ofSection.set(organisation, found)
    return found
  }

  #snapshot(audience: Audience<Client>): SnapshotParts {
    const asOf = instantText(this.#parts.clock.nowMs())
    const head = `retry: ${RETRY_MS}\nevent: snapshot\nid: ${this.#lastId}\ndata: {"asOf":"${asOf}"`
    const body = audience.snapshot(this.#state, (made) => {
      this.#makeRoom(made)
    })
    return { head, body, foot: '}\n\n' }
  }

  #makeRoom(made: Uint8Array): void {
    const held = Map.groupBy(this.#clients, ({ stream }) => stream.heldSnapshot)
    for (const givenUp of this.#kept.add(made, (each) => held.has(each))) {
      for (const client of held.get(givenUp) ?? []) {
        this.#ended.stuck += 1
        this.#end(client, 'its reader has taken its snapshot too slowly')
      }
    }
  }

  #end(client: Client, why: string): void {
    this.#leave(client, why)
    client.stream.close()
  }

  #leave(client: Client, why: string): void {
    if (!this.#clients.delete(client)) return
    this.#watched.streams(this.#clients.size)
    this.#quit(client)
    const { droppedCount: dropped, snapshotCount: snapshots } = client.stream
    this.#ended.dropped += dropped
    this.#ended.snapshots += snapshots
    const { kind, id } = client.caller.actor
    const fields = { request: client.request, actor: `${kind}:${id}`, reason: why, dropped, snapshots }
    this.#parts.log.info(fields, 'a live stream has ended')
  }

  #quit(client: Client): void {
    const { audience } = client
    audience.streams.delete(client)
    if (audience.streams.size > 0) return
    this.#audiences.delete(audience.view.key)
    this.#reaching.clear()
  }
}

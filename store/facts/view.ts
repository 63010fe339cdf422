import type {
  DeviceFact,
  DeviceSecretFact,
  FactChange,
  FedRow,
  GrantFact,
  KeyFact,
  OrganisationFact,
  SessionRow,
  SiteFact,
  UserFact,
} from '../../domain/index.ts'
import { ROOT_SCOPE } from '../../domain/index.ts'
import { heldAt } from './shelf.ts'
import { emptyShelves, putFact } from './shelves.ts'
import { IncidentsMemory, type IncidentsView } from './view-incidents.ts'

/**
 * The live facts and open sessions in memory, for threads that must not wait for a database. Holds whatever
 * snapshot and changes it was given; every look-up takes the same time however many devices there are.
 * Look-ups without an instant answer what holds from the last change on.
 */
export interface FactsView extends IncidentsView {
  /** False until the first snapshot. */
  readonly ready: boolean
  /** Version of the facts it shows; 0 before the first snapshot. */
  readonly version: number
  /** Replaces everything. */
  load(snapshot: FactChange): void
  /** Takes one step; steps the snapshot contains already are passed over, so subscribe first, then load. */
  apply(change: FactChange): void
  organisation(id: string, atMs?: number): OrganisationFact | undefined
  site(id: string, atMs?: number): SiteFact | undefined
  device(id: string, atMs?: number): DeviceFact | undefined
  /** The rows of a device, earliest first. */
  deviceHistory(id: string): readonly DeviceFact[]
  deviceSecret(device: string): DeviceSecretFact | undefined
  user(id: string): UserFact | undefined
  /** The grants of a user that are active; whether the user is, the caller asks `user`. */
  grants(user: string): readonly GrantFact[]
  /** The API key, active or not. */
  key(id: string): KeyFact | undefined
  /** The API key with this hash, active or not. */
  keyBySha256(sha256: string): KeyFact | undefined
  /** The session with this hash unless it was ended; the caller compares `expiresAt` with its clock. */
  session(tokenSha256: string): SessionRow | undefined
  /** Id of the organisation a device's site belongs to. */
  organisationOfDevice(device: string): string | undefined
  /** True when the organisation is `scope` or lies below it; `root` reaches everything. */
  isWithin(organisation: string, scope: string): boolean
  /** Calls back with the id of each device any of whose facts changed. Returns the function that stops it. */
  onDeviceChange(listener: (device: string) => void): () => void
  /** Everything it holds, in no particular order: for comparing with a fresh snapshot. */
  rows(): FedRow[]
}

/** An empty view, not ready. */
export function createFactsView(): FactsView {
  return new MemoryView()
}

class MemoryView extends IncidentsMemory implements FactsView {
  #version = 0
  #ready = false
  readonly #keyIds = new Map<string, string>()
  readonly #sessions = new Map<string, SessionRow>()
  readonly #listeners = new Set<(device: string) => void>()

  get ready(): boolean {
    return this.#ready
  }

  get version(): number {
    return this.#version
  }

  load(snapshot: FactChange): void {
    const touched = new Set(this.shelves.device.keys('id'))
    this.shelves = emptyShelves()
    this.#keyIds.clear()
    this.#sessions.clear()
    this.#ready = true
    this.#version = snapshot.version
    this.noteAll(snapshot.version)
    this.#take(snapshot.rows, touched)
  }

  apply(change: FactChange): void {
    if (!this.#ready || change.version <= this.#version) return
    this.#version = change.version
    this.#take(change.rows, new Set())
  }

  #take(rows: readonly FedRow[], touched: Set<string>): void {
    for (const fed of rows) {
      this.note(fed, this.#version)
      if (fed.table === 'session') this.#putSession(fed.row)
      else putFact(this.shelves, fed)
      if (fed.table === 'key') this.#keyIds.set(fed.row.sha256, fed.row.id)
      if (fed.table === 'device') touched.add(fed.row.id)
      if (fed.table === 'device_secret') touched.add(fed.row.device)
    }
    for (const device of touched) {
      for (const listener of this.#listeners) listener(device)
    }
  }

  #putSession(session: SessionRow): void {
    if (session.endedAt !== null) {
      this.#sessions.delete(session.tokenSha256)
      return
    }
    // the store forgets expired sessions whenever it opens one, and so do we
    for (const { tokenSha256, expiresAt } of this.#sessions.values()) {
      if (expiresAt <= session.createdAt) this.#sessions.delete(tokenSha256)
    }
    this.#sessions.set(session.tokenSha256, session)
  }

  organisation(id: string, atMs?: number): OrganisationFact | undefined {
    return heldAt(this.shelves.organisation.of('id', id), atMs)
  }

  site(id: string, atMs?: number): SiteFact | undefined {
    return heldAt(this.shelves.site.of('id', id), atMs)
  }

  device(id: string, atMs?: number): DeviceFact | undefined {
    return heldAt(this.shelves.device.of('id', id), atMs)
  }

  deviceHistory(id: string): readonly DeviceFact[] {
    return this.shelves.device.of('id', id)
  }

  deviceSecret(device: string): DeviceSecretFact | undefined {
    return heldAt(this.shelves.device_secret.of('device', device))
  }

  user(id: string): UserFact | undefined {
    return heldAt(this.shelves.user.of('id', id))
  }

  grants(user: string): readonly GrantFact[] {
    return this.shelves.grant
      .of('user', user)
      .filter((grant) => grant.validTo === null && grant.state === 'active')
  }

  key(id: string): KeyFact | undefined {
    return heldAt(this.shelves.key.of('id', id))
  }

  keyBySha256(sha256: string): KeyFact | undefined {
    const id = this.#keyIds.get(sha256)
    return id === undefined ? undefined : this.key(id)
  }

  session(tokenSha256: string): SessionRow | undefined {
    return this.#sessions.get(tokenSha256)
  }

  organisationOfDevice(device: string): string | undefined {
    const site = this.device(device)?.site
    return site === undefined ? undefined : this.site(site)?.organisation
  }

  isWithin(organisation: string, scope: string): boolean {
    if (scope === ROOT_SCOPE) return true
    let id: string | null | undefined = organisation
    // ends: a parent is always older than its child
    while (id !== null && id !== undefined) {
      if (id === scope) return true
      id = this.organisation(id)?.parent
    }
    return false
  }

  onDeviceChange(listener: (device: string) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  rows(): FedRow[] {
    const rows: FedRow[] = []
    for (const shelf of Object.values(this.shelves)) rows.push(...shelf.all())
    for (const row of this.#sessions.values()) rows.push({ table: 'session', row })
    return rows
  }
}

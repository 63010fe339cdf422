import type { Role } from '../../domain/index.ts'
import { createFactsView, type FactsView, sha256Hex } from '../../store/index.ts'

/** Organisations of `liveFacts`: `clinic` lies below `city`, `other` beside them. */
export const liveOrganisations = ['city', 'clinic', 'other'] as const
/** One of them, or the scope above all. */
export type LiveScope = (typeof liveOrganisations)[number] | 'root'

/**
 * Facts with organisations; in each a site `<organisation>-site` with a place `<organisation>-room`, in which lies
 * `<organisation>-box`.
 */
export class LiveFacts {
  readonly view: FactsView = createFactsView()
  #version = 1
  #fact = 0
  readonly #grants = new Map<string, number>()

  constructor() {
    this.view.load({ version: 1, rows: [] })
    for (const id of liveOrganisations) this.addOrganisation(id, id === 'clinic' ? 'city' : null)
  }

  /** An organisation with its site and places. */
  addOrganisation(id: string, parent: string | null): void {
    const site = `${id}-site`
    const named = { name: id, nameEn: null }
    const place = { site, ...named, capacityLitres: null, state: 'active' } as const
    const organisation = { ...this.#columns(), ...named, id, parent, kind: 'cdc', demo: 0 } as const
    this.#apply({ table: 'organisation', row: organisation })
    const zoned = { id: site, organisation: id, zone: 'Asia/Shanghai' }
    this.#apply({ table: 'site', row: { ...this.#columns(), ...named, ...zoned } })
    const room = { ...this.#columns(), ...place, id: `${id}-room`, parent: null, kind: 'cold-room' } as const
    this.#apply({ table: 'place', row: room })
    const box = { ...place, id: `${id}-box`, parent: `${id}-room`, kind: 'compartment' } as const
    this.#apply({ table: 'place', row: { ...this.#columns(), ...box } })
  }

  /** A user with an open session whose token is the user's name; answers the headers' worth of it. */
  signIn(user: string, expiresAt = Number.MAX_SAFE_INTEGER): string {
    const named = { id: user, name: user, state: 'active' } as const
    this.#apply({ table: 'user', row: { ...this.#columns(), ...named } })
    const tokenSha256 = sha256Hex(user)
    this.#apply({ table: 'session', row: { tokenSha256, user, createdAt: 0, expiresAt, endedAt: null } })
    return tokenSha256
  }

  /** The user holds exactly this role from now on; none with null. */
  grant(user: string, organisation: LiveScope | null, role: Role = 'viewer'): void {
    const before = this.#grants.get(user)
    const columns = { ...this.#columns(), supersedes: before ?? null }
    const held = {
      user,
      organisation: organisation ?? 'root',
      role,
      state: organisation === null ? 'revoked' : 'active',
    }
    this.#grants.set(user, columns.fact)
    this.#apply({ table: 'grant', row: { ...columns, ...held } as never })
  }

  endSession(user: string): void {
    const session = this.view.session(sha256Hex(user))
    if (session !== undefined) this.#apply({ table: 'session', row: { ...session, endedAt: 1 } })
  }

  #apply(fed: Parameters<FactsView['apply']>[0]['rows'][number]): void {
    this.#version += 1
    this.view.apply({ version: this.#version, rows: [fed] })
  }

  #columns() {
    this.#fact += 1
    const entered = { recordedAt: 0, recordedBy: 'local:test', reason: '', supersedes: null }
    return { fact: this.#fact, validFrom: 0, validTo: null, ...entered }
  }
}

import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import type {
  Clock,
  DeviceFact,
  GrantFact,
  IncidentFact,
  KeyFact,
  Log,
  OrganisationFact,
  PlaceFact,
  PlacementFact,
  PointFact,
  Problem,
  RecipientFact,
  RuleActivationFact,
  RulePack,
  SessionRow,
  SiteFact,
  UserFact,
} from '../domain/index.ts'
import type { CommandPort, HeldPort, QueryPort, WrittenText } from '../store/index.ts'
import type { LiveHub } from './live/hub.ts'

/**
 * What the API asks of the facts on every request, from memory: rights, sessions and scopes as they are now, so
 * that an ended session, a revoked key or a changed role acts at once. Rows are the present ones, in any state.
 */
export interface AccessFacts {
  /** False until the facts have arrived; then nobody can be known, and everybody is told to come back. */
  readonly ready: boolean
  session(tokenSha256: string): SessionRow | undefined
  keyBySha256(sha256: string): KeyFact | undefined
  key(id: string): KeyFact | undefined
  user(id: string): UserFact | undefined
  /** The user's active grants. */
  grants(user: string): readonly GrantFact[]
  organisation(id: string): OrganisationFact | undefined
  site(id: string): SiteFact | undefined
  device(id: string): DeviceFact | undefined
  place(id: string): PlaceFact | undefined
  point(id: string): PointFact | undefined
  /** Where a sensor was at an instant (epoch ms). */
  placementOf(device: string, sensor: string, atMs: number): PlacementFact | undefined
  incident(id: string): IncidentFact | undefined
  recipient(id: string): RecipientFact | undefined
  /** What was said of rule packs for the organisation itself (or `root`), past and present. */
  ruleActivationsOf(organisation: string): readonly RuleActivationFact[]
  /** True when `organisation` is `scope` or lies below it. */
  isWithin(organisation: string, scope: string): boolean
}

/** Checks and makes scrypt hashes, in a thread of its own. */
export interface PasswordPort {
  verify(password: string, encodedHash: string): Promise<boolean>
  hash(password: string): Promise<string>
}

/** A message handed in over HTTP. */
export interface IntakeRequest {
  /** The `Authorization` header as it came. */
  readonly authorization: string | undefined
  readonly body: Uint8Array
  /** The sender's address, for the log. */
  readonly receivedFrom?: string
  /** Id of the request, for the log. */
  readonly request?: string
  /** The connection it came over: who listens may know more of it. */
  readonly socket: Socket
}

/**
 * The gateway's way in for HTTP: checks the credentials, counts refusals, and answers 202 only after the record
 * is durable. Does not reject.
 */
export type Intake = (
  request: IntakeRequest,
) => Promise<
  { readonly status: 202; readonly index: number } | { readonly status: number; readonly problem: Problem }
>

/**
 * Takes what a gateway of the HTTP channel says of a message it took: checks the signature of the bytes as they came,
 * and answers 204 only after the receipt is durable. Header names are in lower case. Does not reject.
 */
export type TakeReceipt = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  rawBody: Uint8Array,
) => Promise<{ readonly status: 204 } | Problem>

/** What `/readyz` tells. */
export interface Health {
  readonly ready: boolean
  /** State of each part by name, in words; no paths, addresses or secrets. */
  readonly parts: Readonly<Record<string, string>>
}

/** What every server needs, whichever routes it serves. */
export interface ShellParts {
  readonly clock: Clock
  readonly health: () => Health
  readonly log: Log
  /** What is served at `/metrics`; left out, nothing is. */
  readonly metrics?: MetricsPort
  /** True when the listener speaks TLS: cookies become `Secure`, browsers are told to stay on https. Default false. */
  readonly tls?: boolean
  /** Makes the server that listens, where it is not to be Node's plain one. */
  readonly makeServer?: (listener: RequestListener) => Server
}

/** The metrics of the process. */
export interface MetricsPort {
  /** Whoever asks must send it; without one only this machine may ask. */
  readonly token?: string
  /** In the text format of Prometheus. */
  readonly text: () => Promise<string>
}

/** One file of the page. */
export interface PageFile {
  /** Below `/`, such as `assets/index-1a2b3c.js`; `index.html` is `/` itself. */
  readonly name: string
  readonly media: string
  readonly bytes: Buffer
}

/** What the routes for people and API keys need. */
export interface ApiParts extends ShellParts {
  readonly commands: CommandPort
  readonly queries: QueryPort
  readonly held: HeldPort
  readonly access: AccessFacts
  readonly passwords: PasswordPort
  /** The rule packs there are, in every version. */
  readonly rulePacks: readonly RulePack[]
  /** What is newest, for `GET live`. */
  readonly live: LiveHub
  /** Left out where the gateway runs in another process; then `ingest/readings` is not served here. */
  readonly intake?: Intake
  /** Writes the message that tests the road to a recipient. */
  readonly writeTest: (recipient: RecipientFact) => WrittenText
  /** Left out where no HTTP channel is configured; then `receipts` is not served. */
  readonly takeReceipt?: TakeReceipt
  /** The files of the status board; without any, `/` is not served. */
  readonly page?: readonly PageFile[]
}

/** What the device intake alone needs. */
export interface IntakeParts extends ShellParts {
  readonly intake: Intake
}

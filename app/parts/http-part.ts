import { verifyReceipt } from '../../alerts/index.ts'
import {
  createApi,
  createIntakeApi,
  type Health,
  type Intake,
  type LiveHub,
  type ShellParts,
  type TakeReceipt,
} from '../../api/index.ts'
import { type Clock, type Log, Problem, reasonOf } from '../../domain/index.ts'
import { CLOCK_AHEAD_MS_MAX } from '../../gateway/index.ts'
import type { FactsView, QueryPort } from '../../store/index.ts'
import type { Certificates } from '../certificates/index.ts'
import type { Configuration, ConfigurationKey } from '../config/index.ts'
import type { CoreClient } from '../core-client.ts'
import { markedAsDemonstration } from '../demo/index.ts'
import type { Logs } from '../doors/log.ts'
import { authorityOf } from '../doors/network.ts'
import { readPage } from '../doors/page.ts'
import { readRulePacks } from '../doors/rule-packs.ts'
import { liveSamples } from '../metrics/api.ts'
import { coreSamples, linkSamples } from '../metrics/core.ts'
import { gatewaySamples } from '../metrics/gateway.ts'
import { processSamples } from '../metrics/process.ts'
import type { Metrics } from '../metrics/registry.ts'
import { testMessageFor } from '../notify/test-message.ts'
import type { Passwords } from '../passwords.ts'
import type { GatewayPart } from './gateway-part.ts'
import { makeHttpServer } from './http-server.ts'

/** A listening HTTP server. */
export interface HttpPart {
  /** Where it listens, with scheme, host and port. */
  readonly url: string
  stop(): Promise<void>
}

/** What any HTTP server here works with. */
export interface HttpContext {
  readonly configuration: Configuration
  readonly client: CoreClient
  readonly clock: Clock
  readonly log: Log
  readonly logs: Pick<Logs, 'api'>
  /** The certificate of this process, when it has one. */
  readonly certificates: Certificates | undefined
  readonly metrics: Metrics
}

/** HTTP of a gateway that runs alone: device intake, health and documentation. */
export async function startIntakeHttp(context: HttpContext, part: GatewayPart): Promise<HttpPart> {
  const health = (): Health => healthOf(context, part)
  context.metrics.addSource(linkSamples(context))
  const app = await createIntakeApi({ ...shell(context, health, part), intake: intakeOf(part) })
  return listen(app, ownAddress(context.configuration), part)
}

/** HTTP for people and machines; with `gateway` it takes readings of devices too. */
export async function startApiHttp(
  context: HttpContext,
  parts: {
    readonly view: FactsView
    readonly passwords: Passwords
    readonly queries: QueryPort
    readonly live: LiveHub
    readonly gateway?: GatewayPart
  },
): Promise<HttpPart> {
  const { view, passwords, queries, live, gateway } = parts
  const health = (): Health => {
    const { ready, parts: told } = healthOf(context, gateway, { view, live })
    return { ready, parts: context.configuration.demo ? { ...told, data: 'demonstration' } : told }
  }
  context.metrics.addSource(() => liveSamples(live))
  context.metrics.addSource(coreSamples({ ...context, log: context.logs.api }))
  const page = await readPage()
  if (page.length === 0) {
    context.log.warn(
      {},
      'the page is not built, so nothing is served at /; start with npm start, which builds it',
    )
  }
  const app = await createApi({
    ...shell(context, health, gateway),
    page: context.configuration.demo ? markedAsDemonstration(page) : page,
    commands: context.client,
    held: context.client,
    queries,
    access: view,
    passwords,
    live,
    rulePacks: await readRulePacks(),
    writeTest: (recipient) => testMessageFor(view, recipient, context.clock.nowMs()),
    ...receiptsOf(context),
    ...(gateway === undefined ? {} : { intake: intakeOf(gateway) }),
  })
  return listen(app, ownAddress(context.configuration), gateway)
}

function shell(context: HttpContext, health: () => Health, part?: GatewayPart): ShellParts {
  const { clock, logs, metrics, configuration } = context
  const { metrics_token: token } = configuration
  metrics.addSource(processSamples(context.certificates))
  if (part !== undefined) metrics.addSource(() => gatewaySamples(part))
  return {
    clock,
    log: logs.api,
    health,
    metrics: { ...(token === undefined ? {} : { token }), text: metrics.text },
    tls: configuration.http_tls,
    makeServer: (listener) => {
      const { certificates } = context
      const parts = { certificates, tls: configuration.http_tls, gateway: part?.gateway }
      return makeHttpServer(parts, listener).server
    },
  }
}

function intakeOf({ gateway }: GatewayPart): Intake {
  return (request) => gateway.takeReadings(request)
}

/** Receipts are served where there is a gateway to send them, and are taken by the core. */
function receiptsOf({ configuration, client, clock }: HttpContext): { readonly takeReceipt?: TakeReceipt } {
  const { sms_secret: secret } = configuration
  if (secret === undefined) return {}
  return {
    takeReceipt: async (headers, rawBody) => {
      const receipt = verifyReceipt([secret], headers, rawBody, clock.nowMs())
      if (receipt instanceof Problem) return receipt
      try {
        await client.command('message.receipt', { kind: 'system', id: 'http-gateway' }, receipt)
        return { status: 204 }
      } catch (thrown) {
        // Nothing is lost: the gateway is told, and sends the receipt again.
        if (thrown instanceof Problem) return thrown
        throw thrown
      }
    },
  }
}

/** Where to listen, and the words for it. */
export interface HttpAddress {
  readonly name: string
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** The setting of the port. */
  readonly key: ConfigurationKey
}

/** Listens; rejects with `configuration-invalid` when that cannot be. */
export async function listen(
  app: Awaited<ReturnType<typeof createApi>>,
  { name, scheme, host, port, key }: HttpAddress,
  part: GatewayPart | undefined,
): Promise<HttpPart> {
  try {
    const address = await app.listen({ host, port })
    const url = `${scheme}://${authorityOf(host, new URL(address).port)}`
    // The server closes when its last connection has gone, and it is the gateway that ends those of WebSocket.
    return { url, stop: async () => void (await Promise.all([app.close(), part?.gateway.stop()])) }
  } catch (thrown) {
    await app.close()
    throw new Problem('configuration-invalid', {
      what: `${name} cannot listen on ${host}:${port}: ${reasonOf(thrown)}.`,
      remedy: `Stop what uses the port, or choose another with ${key} (ISOTHERM_${key.toUpperCase()}).`,
      cause: thrown,
    })
  }
}

/** Where HTTP for people, machines and devices with secrets listens. */
function ownAddress({ http_tls, http_host: host, http_port: port }: Configuration): HttpAddress {
  return { name: 'HTTP', scheme: http_tls ? 'https' : 'http', host, port, key: 'http_port' }
}

/** In words: what the journal says of itself once a core knows it as its own. */
function journalState({ journal }: GatewayPart, client: CoreClient): string {
  return client.journalAccepted ? journal.state().kind : 'waiting for the core to compare it'
}

/**
 * A receivedAt this far ahead of the clock makes the gateway not ready: silence, lateness and back-fill are judged by
 * it, and somebody has to act.
 */
const CLOCK_AHEAD_NOT_READY_MS = 3_600_000

/** In words: whether the clock is behind the last record, and how far. */
function clockState(aheadMs: number): string {
  return aheadMs > CLOCK_AHEAD_MS_MAX ? `ahead by ${Math.round(aheadMs / 1_000)} s` : 'in order'
}

/** What `/readyz` tells. */
export function healthOf(
  { client, certificates }: HttpContext,
  gateway?: GatewayPart,
  api?: { readonly view: FactsView; readonly live: LiveHub },
): Health {
  const journal = gateway === undefined ? undefined : journalState(gateway, client)
  const clockAheadMs = gateway?.gateway.stats().clockAheadMs
  const certificate = certificates?.state()
  const parts = {
    core: client.connected ? 'connected' : 'not connected',
    ...(journal === undefined ? {} : { journal }),
    ...(clockAheadMs === undefined ? {} : { clock: clockState(clockAheadMs) }),
    ...(certificate === undefined ? {} : { certificate: certificate.found }),
    ...(api === undefined ? {} : { facts: told(api.view), live: told(api.live) }),
  }
  const ready =
    client.connected &&
    (journal === undefined || journal === 'open') &&
    (clockAheadMs ?? 0) <= CLOCK_AHEAD_NOT_READY_MS &&
    // devices that check it cannot come in, and somebody has to act
    certificate?.isValid !== false &&
    // streams wait for what is newest by themselves
    (api?.view.ready ?? true)
  return { ready, parts }
}

/** In words: whether the core has told what is kept in memory here. */
function told({ ready }: { readonly ready: boolean }): string {
  return ready ? 'loaded' : 'waiting'
}

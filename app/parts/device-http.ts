import { createIntakeApi } from '../../api/index.ts'
import type { HttpServer } from '../doors/tls.ts'
import type { GatewayPart } from './gateway-part.ts'
import { healthOf, type HttpContext, type HttpPart, listen } from './http-part.ts'
import { makeHttpServer } from './http-server.ts'

/**
 * HTTPS for devices that show certificates, on a port of its own, because a server asks everybody who connects, and
 * browsers would pass the question on to people: device intake, MQTT over WebSocket and health. Undefined where no such
 * port is set. Rejects with `configuration-invalid` when it cannot listen.
 */
export async function startDeviceHttp(
  context: HttpContext,
  part: GatewayPart,
): Promise<HttpPart | undefined> {
  const { configuration, certificates, clock, logs } = context
  const { http_devices_host: host, http_devices_port: port } = configuration
  if (port === undefined) return undefined
  const { gateway } = part
  let made: HttpServer | undefined
  const app = await createIntakeApi({
    clock,
    log: logs.api,
    health: () => healthOf(context, part),
    tls: true,
    makeServer: (listener) => {
      made = makeHttpServer({ tls: true, asksClients: true, certificates, gateway }, listener)
      return made.server
    },
    intake: ({ socket, ...request }) => {
      const certificate = made?.certificateOf(socket)
      return gateway.takeReadings(certificate === undefined ? request : { ...request, certificate })
    },
  })
  const address = {
    name: 'HTTPS for devices',
    scheme: 'https',
    host,
    port,
    key: 'http_devices_port',
  } as const
  return listen(app, address, part)
}

/** Where it listens, in words, for the line that says that it does. */
export function toldDevices(part: HttpPart | undefined): string {
  return part === undefined ? '' : `, HTTPS of devices on ${part.url}`
}

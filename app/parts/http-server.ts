import type { RequestListener } from 'node:http'
import { type Gateway, WEBSOCKET_MESSAGE_BYTES_MAX } from '../../gateway/index.ts'
import type { Certificates } from '../certificates/index.ts'
import { createHttp, type HttpServer } from '../doors/tls.ts'
import { asksForWebSocket, takeWebSockets } from '../doors/websocket.ts'

/** Where MQTT over WebSocket is spoken (design section 8). */
const MQTT_PATH = '/mqtt'

/**
 * A server for HTTP: behind TLS if told so; with a gateway it speaks MQTT over WebSocket too. `asksClients` as for
 * `createHttp`.
 */
export function makeHttpServer(
  parts: {
    readonly tls: boolean
    readonly asksClients?: boolean
    readonly certificates: Certificates | undefined
    readonly gateway: Gateway | undefined
  },
  listener: RequestListener,
): HttpServer {
  const { tls, asksClients = false, certificates, gateway } = parts
  const http = createHttp(listener, {
    material: tls ? certificates?.material : undefined,
    isUpgrade: (request) => gateway !== undefined && asksForWebSocket(request, MQTT_PATH),
    asksClients,
  })
  certificates?.onRenewed((renewed) => {
    http.renew(renewed)
  })
  if (gateway !== undefined) {
    // Whose page opened it does not matter: a browser adds nothing to a CONNECT by itself, as it would with a cookie,
    // and whoever knows a device's secret may use it from anywhere.
    takeWebSockets(http.server, {
      path: MQTT_PATH,
      protocol: 'mqtt',
      messageBytesMax: WEBSOCKET_MESSAGE_BYTES_MAX,
      admits: (address) => gateway.admits(address),
      onSocket: (socket, address, under) => {
        const road = { channel: 'ws', address } as const
        const certificate = http.certificateOf(under)
        gateway.handle(socket, certificate === undefined ? road : { ...road, certificate })
      },
    })
  }
  return http
}

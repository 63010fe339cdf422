import type { RequestListener, Server } from 'node:http'
import { type Gateway, WEBSOCKET_MESSAGE_BYTES_MAX } from '../../gateway/index.ts'
import type { Certificates } from '../certificates/index.ts'
import type { Configuration } from '../config/index.ts'
import { createHttp } from '../doors/tls.ts'
import { asksForWebSocket, takeWebSockets } from '../doors/websocket.ts'

/** Where MQTT over WebSocket is spoken (design section 8). */
const MQTT_PATH = '/mqtt'

/** The server HTTP listens with: behind TLS if told so; with a gateway it speaks MQTT over WebSocket too. */
export function makeHttpServer(
  parts: {
    readonly configuration: Configuration
    readonly certificates: Certificates | undefined
    readonly gateway: Gateway | undefined
  },
  listener: RequestListener,
): Server {
  const { configuration, certificates, gateway } = parts
  const http = createHttp(listener, {
    material: configuration.http_tls ? certificates?.material : undefined,
    isUpgrade: (request) => gateway !== undefined && asksForWebSocket(request, MQTT_PATH),
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
      onSocket: (socket, address) => {
        gateway.handle(socket, { channel: 'ws', address })
      },
    })
  }
  return http.server
}

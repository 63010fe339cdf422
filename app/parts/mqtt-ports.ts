import { defaultLimits, type Gateway } from '../../gateway/index.ts'
import type { Certificates } from '../certificates/index.ts'
import type { Configuration } from '../config/index.ts'
import { listenTcp } from '../doors/network.ts'
import { listenTls } from '../doors/tls.ts'

/** The ports MQTT listens on; `tls` only with a certificate. */
export interface MqttPorts {
  readonly plain: number
  readonly tls: number | undefined
}

/** Listens for MQTT, with TLS and without, and hands what comes to the gateway. */
export async function openMqttPorts(options: {
  readonly configuration: Configuration
  readonly certificates: Certificates | undefined
  readonly gateway: Gateway
  readonly onStop: (name: string, stop: () => Promise<void> | void) => void
}): Promise<MqttPorts> {
  const { configuration, certificates, gateway, onStop } = options
  const plain = await listenTcp({
    host: configuration.mqtt_host,
    port: configuration.mqtt_port,
    onSocket: (socket) => {
      const address = socket.remoteAddress ?? ''
      if (gateway.admits(address)) gateway.handle(socket, { channel: 'mqtt', address })
      else socket.destroy()
    },
  })
  onStop('the MQTT port', () => plain.stopAccepting())
  if (certificates === undefined) return { plain: plain.port, tls: undefined }
  const secure = await listenTls({
    host: configuration.mqtt_tls_host,
    port: configuration.mqtt_tls_port,
    material: certificates.material,
    handshakesMax: defaultLimits.connections,
    admits: (address) => gateway.admits(address),
    onSocket: (socket, certificate) => {
      const road = { channel: 'mqtt', address: socket.remoteAddress ?? '' } as const
      gateway.handle(socket, certificate === undefined ? road : { ...road, certificate })
    },
  })
  onStop('the MQTT port with TLS', () => secure.stopAccepting())
  certificates.onRenewed((material) => {
    secure.renew(material)
  })
  return { plain: plain.port, tls: secure.port }
}

/** Where MQTT listens, in words, for the line that says that it does. */
export function toldMqtt({ mqtt_host, mqtt_tls_host }: Configuration, { plain, tls }: MqttPorts): string {
  return `MQTT on ${mqtt_host}:${plain}${tls === undefined ? '' : `, with TLS on ${mqtt_tls_host}:${tls}`}`
}

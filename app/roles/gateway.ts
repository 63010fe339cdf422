import { startCertificates } from '../certificates/index.ts'
import { nodeDisk } from '../doors/disk.ts'
import { startDeviceHttp, toldDevices } from '../parts/device-http.ts'
import { startGatewayPart } from '../parts/gateway-part.ts'
import { startIntakeHttp } from '../parts/http-part.ts'
import { toldMqtt } from '../parts/mqtt-ports.ts'
import { linkToCore } from './link-to-core.ts'
import { type RoleOptions, runRole } from './role.ts'

/** MQTT, HTTP intake and journal in a process of their own; device policy comes from `isotherm core`. */
export function runGateway(options: RoleOptions): Promise<void> {
  return runRole('gateway', options, async (context) => {
    const certificates = await startCertificates(context)
    await context.lock('gateway')
    const { view, client } = linkToCore(context)
    const part = await startGatewayPart({ ...context, disk: nodeDisk(), client, view, certificates })
    const http = await startIntakeHttp({ ...context, client, certificates }, part)
    context.onStop('HTTP', () => http.stop())
    const devices = await startDeviceHttp({ ...context, client, certificates }, part)
    context.onStop('HTTPS for devices', () => devices?.stop())
    const mqtt = toldMqtt(context.configuration, part.mqtt)
    context.terminal.print(`ready: ${mqtt}, HTTP intake on ${http.url}${toldDevices(devices)}`)
  })
}

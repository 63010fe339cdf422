import { nodeDisk } from '../doors/disk.ts'
import { startGatewayPart } from '../parts/gateway-part.ts'
import { startIntakeHttp } from '../parts/http-part.ts'
import { linkToCore } from './link-to-core.ts'
import { type RoleOptions, runRole } from './role.ts'

/** MQTT, HTTP intake and journal in a process of their own; device policy comes from `isotherm core`. */
export function runGateway(options: RoleOptions): Promise<void> {
  return runRole('gateway', options, async (context) => {
    await context.lock('gateway')
    const { view, client } = linkToCore(context)
    const part = await startGatewayPart({ ...context, disk: nodeDisk(), client, view })
    const http = await startIntakeHttp({ ...context, client }, part)
    context.onStop('HTTP', () => http.stop())
    const { mqtt_host, http_host } = context.configuration
    context.terminal.print(
      `ready: MQTT on ${mqtt_host}:${part.mqttPort}, HTTP intake on http://${http_host}:${http.port}`,
    )
  })
}

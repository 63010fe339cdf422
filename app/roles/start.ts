import { createFactsView } from '../../store/index.ts'
import { startCertificates } from '../certificates/index.ts'
import { openCoreClient } from '../core-client.ts'
import { startDemonstration } from '../demo/index.ts'
import { nodeDisk } from '../doors/disk.ts'
import { startThread } from '../doors/threads.ts'
import { startLive } from '../live.ts'
import { openLink } from '../link/index.ts'
import type { CoreThreadData } from '../parts/core-thread.ts'
import { startDeviceHttp, toldDevices } from '../parts/device-http.ts'
import { startGatewayPart } from '../parts/gateway-part.ts'
import { startApiHttp } from '../parts/http-part.ts'
import { toldMqtt } from '../parts/mqtt-ports.ts'
import { startQueryThread } from '../parts/query-thread.ts'
import { startPasswords } from '../passwords.ts'
import { ensureAdministrator } from './administrator.ts'
import { partDied, type RoleContext, type RoleOptions, runRole } from './role.ts'

/** Everything in one process: broker, journal and HTTP here, the core and the queries in threads. */
export function runStart(options: RoleOptions): Promise<void> {
  return runRole('main', options, async (context) => {
    const certificates = await startCertificates(context)
    // the core first: while a command of the command line holds it, nobody must see a gateway without a core
    await context.lock('core')
    await context.lock('gateway')
    const view = createFactsView()
    const client = openCoreClient(view)
    await startCoreThread(context, client)
    const passwords = startPasswords({ ...context, onRestart: context.metrics.countRestarts('hashing') })
    context.onStop('the hashing thread', () => passwords.stop())
    await ensureAdministrator({ ...context, commands: client, passwords })
    const queries = startQueryThread({
      ...context,
      client,
      view,
      onRestart: context.metrics.countRestarts('query'),
    })
    context.onStop('the query thread', () => queries.stop())
    const live = startLive({ ...context, client, view, log: context.logs.api })
    const part = await startGatewayPart({ ...context, disk: nodeDisk(), client, view, certificates })
    const http = await startApiHttp(
      { ...context, client, certificates },
      { view, passwords, queries, live, gateway: part },
    )
    context.onStop('HTTP', () => http.stop())
    const devices = await startDeviceHttp({ ...context, client, certificates }, part)
    context.onStop('HTTPS for devices', () => devices?.stop())
    const { configuration } = context
    const { demo } = configuration
    const city = { ...context, client, view, passwords, queries, mqttPort: part.mqtt.plain }
    const demonstration = demo ? await startDemonstration(city) : undefined
    if (context.ending.aborted) return
    context.terminal.print(
      `ready: ${toldMqtt(configuration, part.mqtt)}, HTTP on ${http.url} (status board at /, API at /docs)${toldDevices(devices)}`,
    )
    demonstration?.begin()
  })
}

async function startCoreThread(
  context: RoleContext,
  client: ReturnType<typeof openCoreClient>,
): Promise<void> {
  const { configuration, layout } = context
  const data: CoreThreadData = { configuration, layout }
  const thread = startThread(new URL('../parts/core-thread.ts', import.meta.url), data)
  const link = openLink(thread.channel, client.handlers)
  let stopping = false
  void thread.ended.then((failure) => {
    if (!stopping) context.fail(partDied('core', failure ?? 'the thread ended'))
  })
  context.onStop('the core', async () => {
    stopping = true
    if (!link.closed) await link.call('stop', {})
    await thread.stop()
  })
  // A core that dies while it starts must end the start too, not leave it waiting for a snapshot.
  await Promise.race([
    client.attach(link),
    thread.ended.then((failure) => Promise.reject(partDied('core', failure))),
  ])
}

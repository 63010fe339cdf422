import { createFactsView } from '../../store/index.ts'
import { openCoreClient } from '../core-client.ts'
import { startPasswords } from '../passwords.ts'
import { keepConnected } from '../parts/core-socket.ts'
import { startApiHttp } from '../parts/http-part.ts'
import { startQueryThread } from '../parts/query-thread.ts'
import { partDied, type RoleOptions, runRole } from './role.ts'

/** The HTTP API in a process of its own; commands go to `isotherm core`, device intake is the gateway's. */
export function runApi(options: RoleOptions): Promise<void> {
  return runRole('api', options, async (context) => {
    const view = createFactsView()
    const client = openCoreClient(view)
    const linking = new AbortController()
    const linked = keepConnected({ ...context, path: context.layout.socket, client, signal: linking.signal })
    linked.catch((thrown: unknown) => {
      context.fail(partDied('link to the core', thrown))
    })
    context.onStop('the link to the core', async () => {
      linking.abort()
      await linked
    })
    const passwords = startPasswords()
    context.onStop('the hashing thread', () => passwords.stop())
    const queries = startQueryThread({ ...context, client, view })
    context.onStop('the query thread', () => queries.stop())
    const http = await startApiHttp({ ...context, client }, { view, passwords, queries })
    context.onStop('HTTP', () => http.stop())
    context.terminal.print(`ready: HTTP on http://${context.configuration.http_host}:${http.port}`)
  })
}

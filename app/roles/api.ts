import { startCertificates } from '../certificates/index.ts'
import { startLive } from '../live.ts'
import { startPasswords } from '../passwords.ts'
import { startApiHttp } from '../parts/http-part.ts'
import { startQueryThread } from '../parts/query-thread.ts'
import { linkToCore } from './link-to-core.ts'
import { type RoleOptions, runRole } from './role.ts'

/** The HTTP API in a process of its own; commands go to `isotherm core`, device intake is the gateway's. */
export function runApi(options: RoleOptions): Promise<void> {
  return runRole('api', options, async (context) => {
    const certificates = await startCertificates(context)
    const { view, client } = linkToCore(context)
    const passwords = startPasswords({ ...context, onRestart: context.metrics.countRestarts('hashing') })
    context.onStop('the hashing thread', () => passwords.stop())
    const queries = startQueryThread({
      ...context,
      client,
      view,
      onRestart: context.metrics.countRestarts('query'),
    })
    context.onStop('the query thread', () => queries.stop())
    const live = startLive({ ...context, client, view, log: context.logs.api })
    const http = await startApiHttp({ ...context, client, certificates }, { view, passwords, queries, live })
    context.onStop('HTTP', () => http.stop())
    context.terminal.print(`ready: HTTP on ${http.url}`)
  })
}

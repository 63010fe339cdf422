import { createFactsView, type FactsView } from '../../store/index.ts'
import { type CoreClient, openCoreClient } from '../core-client.ts'
import { keepConnected } from '../parts/core-socket.ts'
import { partDied, type RoleContext } from './role.ts'

/** For a role apart from the core: a client that stays linked to it, and the facts it feeds. */
export function linkToCore(context: RoleContext): { readonly view: FactsView; readonly client: CoreClient } {
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
  return { view, client }
}

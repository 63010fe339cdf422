import { startCore } from '../core/index.ts'
import { listenLocal } from '../doors/sockets.ts'
import { startPasswords } from '../passwords.ts'
import { ensureAdministrator } from './administrator.ts'
import { partDied, type RoleOptions, runRole } from './role.ts'

/** The only writer of the stores in a process of its own, answering the other roles on its socket. */
export function runCore(options: RoleOptions): Promise<void> {
  return runRole('core', options, async (context) => {
    await context.lock('core')
    const core = await startCore(context)
    context.onStop('the core', () => core.stop())
    core.failed.catch((thrown: unknown) => {
      context.fail(partDied('core', thrown))
    })
    const passwords = startPasswords(context)
    await ensureAdministrator({ ...context, commands: core.commands, passwords })
    await passwords.stop()
    const listener = await listenLocal(context.layout.socket, (channel) => {
      core.serve(channel)
    })
    context.onStop('the socket of the core', () => listener.close())
    context.terminal.print(`ready: core of ${context.layout.root}`)
  })
}

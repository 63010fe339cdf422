import type { CommandPort } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemRandom } from '../doors/random.ts'
import type { Terminal } from '../doors/terminal.ts'
import { type Passwords, randomPassword } from '../passwords.ts'

/**
 * Makes the first administrator when there are no users. A random password is printed on the terminal, once,
 * and never logged; a configured one is not printed at all.
 */
export async function ensureAdministrator(options: {
  readonly commands: CommandPort
  readonly passwords: Pick<Passwords, 'hash'>
  readonly configuration: Configuration
  readonly terminal: Terminal
}): Promise<void> {
  const { commands, configuration, passwords, terminal } = options
  const password = configuration.admin_password ?? randomPassword(systemRandom)
  const passwordHash = await passwords.hash(password)
  const actor = { kind: 'system', id: 'setup' } as const
  const { created } = await commands.command('setup.administrator', actor, { passwordHash })
  if (!created) return
  terminal.print(
    configuration.admin_password === undefined
      ? `First start: administrator "admin", password ${password}  (shown this once; change it after signing in)`
      : 'First start: administrator "admin" with the configured password',
  )
}

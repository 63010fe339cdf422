import type { Command } from 'commander'
import { ROOT_SCOPE, type Role, roles } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { systemRandom } from '../doors/random.ts'
import { terminal } from '../doors/terminal.ts'
import { openCommandLogs } from '../logs.ts'
import { randomPassword, startPasswords } from '../passwords.ts'
import { itemsOf } from './find.ts'
import { withCore } from './local-core.ts'
import { printList, printThing } from './print.ts'
import { type CommandOptions, runs, textOption } from './run.ts'

/** Adds `user`. */
export function addUsers(program: Command): void {
  const user = program.command('user').description('people who can sign in')
  runs(
    withGrant(user.command('create <name>').description('create a user and print a random password, once')),
    async (configuration, options, name: string) => {
      const { password, passwordHash } = await newPassword(configuration)
      const created = await withCore(configuration, (core) =>
        core.command('user.create', { name, passwordHash, grant: grant(options) }),
      )
      printThing({ id: created.id, name: created.name, password }, options['json'] === true)
    },
  )
  runs(user.command('list').description('list users'), async (configuration, options) => {
    const items = await withCore(configuration, (core) => itemsOf(core, 'users', {}))
    printList(items, ['id', 'name', 'state', 'grants'], options['json'] === true)
  })
  runs(
    withGrant(user.command('grant <id>').description('give a user a role')),
    async (configuration, options, id: string) => {
      const granted = await withCore(configuration, (core) =>
        core.command('user.grant', { id, ...grant(options) }),
      )
      printThing({ id: granted.id, ...grant(options) }, options['json'] === true)
    },
  )
  runs(
    withGrant(
      user.command('revoke-grant <id>').description('take a role from a user, at once'),
    ).requiredOption('--reason <text>', 'why'),
    async (configuration, options, id: string) => {
      const reason = textOption(options, 'reason') ?? ''
      await withCore(configuration, (core) =>
        core.command('user.revoke-grant', { id, ...grant(options), reason }),
      )
      printThing({ id, ...grant(options), state: 'revoked' }, options['json'] === true)
    },
  )
  runs(
    user
      .command('password <id>')
      .description('set a new random password and print it, once; the sessions of the user end'),
    async (configuration, options, id: string) => {
      const { password, passwordHash } = await newPassword(configuration)
      await withCore(configuration, (core) => core.command('user.set-password', { id, passwordHash }))
      printThing({ id, password }, options['json'] === true)
    },
  )
  runs(
    user
      .command('deactivate <id>')
      .description('end a user and their sessions; users are never deleted')
      .requiredOption('--reason <text>', 'why'),
    async (configuration, options, id: string) => {
      const reason = textOption(options, 'reason') ?? ''
      const ended = await withCore(configuration, (core) => core.command('user.deactivate', { id, reason }))
      printThing({ id: ended.id, state: ended.state }, options['json'] === true)
    },
  )
}

/** Adds `key`. */
export function addKeys(program: Command): void {
  const key = program.command('key').description('API keys for machines')
  runs(
    withGrant(key.command('create <name>').description('create an API key and print it, once')),
    async (configuration, options, name: string) => {
      const { key: created, secret } = await withCore(configuration, (core) =>
        core.command('key.create', { name, ...grant(options) }),
      )
      const { id, organisation, role } = created
      printThing({ id, organisation, role, key: secret }, options['json'] === true)
    },
  )
  runs(key.command('list').description('list API keys'), async (configuration, options) => {
    const items = await withCore(configuration, (core) => itemsOf(core, 'keys', {}))
    printList(items, ['id', 'name', 'organisation', 'role', 'state'], options['json'] === true)
  })
  runs(
    key.command('revoke <id>').description('end an API key at once').requiredOption('--reason <text>', 'why'),
    async (configuration, options, id: string) => {
      const reason = textOption(options, 'reason') ?? ''
      const ended = await withCore(configuration, (core) => core.command('key.revoke', { id, reason }))
      printThing({ id: ended.id, state: ended.state }, options['json'] === true)
    },
  )
}

function withGrant(command: Command): Command {
  return command
    .requiredOption('--role <role>', `one of ${roles.join(', ')}`)
    .option(
      '--organisation <id>',
      `where it holds, with everything below; ${ROOT_SCOPE} = everywhere`,
      ROOT_SCOPE,
    )
}

function grant(options: CommandOptions): { organisation: string; role: Role } {
  // the core refuses a role that is none
  return {
    organisation: textOption(options, 'organisation') ?? ROOT_SCOPE,
    role: textOption(options, 'role') as Role,
  }
}

async function newPassword(
  configuration: Configuration,
): Promise<{ password: string; passwordHash: string }> {
  const password = randomPassword(systemRandom)
  const passwords = startPasswords({ clock: systemClock, log: openCommandLogs(configuration, 'user').app })
  try {
    terminal.tell('Hashing the password ...')
    return { password, passwordHash: await passwords.hash(password) }
  } finally {
    await passwords.stop()
  }
}

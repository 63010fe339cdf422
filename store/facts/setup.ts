import { ROOT_SCOPE } from '../../domain/index.ts'
import type { CommandHandlers } from './command.ts'
import { createUser } from './users.ts'

/** Login of the administrator the first start makes. */
export const ADMINISTRATOR_NAME = 'admin'

/** Commands of the first start. */
export const setupCommands: CommandHandlers<'setup.administrator'> = {
  'setup.administrator': async (context, { passwordHash }) => {
    const { tx } = context
    const anybody = await tx.all(tx.db.selectFrom('user').select('id').limit(1))
    if (anybody.length > 0) return { created: false }
    const grant = { organisation: ROOT_SCOPE, role: 'administrator' } as const
    await createUser(context, 'setup.administrator', { name: ADMINISTRATOR_NAME, passwordHash, grant })
    return { created: true }
  },
}

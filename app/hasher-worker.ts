import { hashPassword, verifyPassword } from '../store/index.ts'
import { systemRandom } from './doors/random.ts'
import { threadChannel } from './doors/threads.ts'
import { openLink } from './link/index.ts'

// Passwords are hashed with `scryptSync` in a thread of its own: asynchronous scrypt would share libuv's pool
// with the journal's syncs and slow acknowledgements from under a millisecond to a tenth of a second.

const SALT_BYTES = 16

openLink(threadChannel(), {
  calls: {
    hash: (input) => hashPassword(String(input), systemRandom.bytes(SALT_BYTES)),
    verify: (input) => {
      const { password, hash } = input as { readonly password: string; readonly hash: string }
      return verifyPassword(password, hash)
    },
  },
})

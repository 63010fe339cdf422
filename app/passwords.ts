import type { Clock, Log, Random } from '../domain/index.ts'
import { startLastingThread } from './lasting-thread.ts'

/** Hashing and checking of people's passwords, in a thread of its own. */
export interface Passwords {
  hash(password: string): Promise<string>
  verify(password: string, hash: string): Promise<boolean>
  stop(): Promise<void>
}

/** 100 bits, in letters and digits that cannot be taken for each other. */
const PASSWORD_CHARACTERS = 20
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789A'

/** Starts the hashing thread; it is started again when it dies. */
export function startPasswords(options: {
  readonly clock: Clock
  readonly log: Log
  readonly onRestart?: () => void
}): Passwords {
  const url = new URL('./hasher-worker.ts', import.meta.url)
  const thread = startLastingThread({ ...options, name: 'hashing', url, data: undefined })
  return {
    hash: async (password) => String(await thread.call('hash', password)),
    verify: async (password, hash) => (await thread.call('verify', { password, hash })) === true,
    stop: () => thread.stop(),
  }
}

/** A password nobody can guess, to be shown once. The alphabet has 32 characters, so no letter is likelier. */
export function randomPassword(random: Random): string {
  const bytes = random.bytes(PASSWORD_CHARACTERS)
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('')
}

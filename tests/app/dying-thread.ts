import { endThread, threadChannel } from '../../app/doors/threads.ts'
import { openLink } from '../../app/link/index.ts'
import { Problem } from '../../domain/index.ts'

// A thread for tests: answers `greet`, and dies as it is told.

/** A cause no message can carry, as lower layers may add. */
class Uncloneable extends Error {
  readonly look = (): string => this.message
}

openLink(threadChannel(), {
  calls: {
    greet: (name) => `hello ${String(name)}`,
    die: (how) => {
      if (how === 'error') endThread(new RangeError('a plain error'))
      const cause = new Uncloneable('the disk')
      if (how === 'problem')
        endThread(new Problem('journal-damaged', { what: 'a byte', remedy: 'restore', cause }))
      if (how === 'foreign')
        endThread(Object.assign(new RangeError('x'), { code: 'not-ours', remedy: 'none' }))
      return null
    },
  },
})

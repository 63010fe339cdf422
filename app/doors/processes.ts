import { type ChildProcess, fork, type Serializable } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Problem } from '../../domain/index.ts'
import type { Channel } from '../link/index.ts'

/** A process of ours, with a channel that nobody else can read. */
export interface OwnProcess {
  readonly channel: Channel
  /** Resolves when the process has ended, with how. */
  readonly ended: Promise<string>
  /** Ends it now. */
  kill(): Promise<void>
}

/**
 * Starts the module at `url` in a process of its own. It gets nothing by its arguments and its environment, which other
 * accounts may read; it ends with us (see `starterChannel`), and what it prints on standard error is shown.
 */
export function startProcess(url: URL): OwnProcess {
  const child = fork(fileURLToPath(url), [], {
    env: {},
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  child.once('error', (thrown) => {
    resolve(thrown.message)
  })
  child.once('exit', (code, signal) => {
    resolve(signal === null ? `it ended with ${code}` : `it ended by ${signal}`)
  })
  return {
    channel: childChannel(child),
    ended,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function childChannel(child: ChildProcess): Channel {
  return {
    post: (message) => {
      // a message to one that is ending is lost with it; its end is told by `onClose`
      if (child.connected) child.send(message as Serializable, () => undefined)
    },
    onMessage: (listener) => void child.on('message', listener),
    onClose: (listener) => void child.once('disconnect', listener),
    close: () => {
      if (child.connected) child.disconnect()
    },
  }
}

/**
 * The way to the process that started us. When that one is gone we end at once. A Ctrl-C in a terminal reaches us too,
 * and is left to it.
 */
export function starterChannel(): Channel {
  if (process.send === undefined) {
    throw new Problem('internal', {
      what: 'This module runs as a process of Isotherm only.',
      remedy: 'Start Isotherm with `npm start`.',
    })
  }
  process.on('SIGINT', () => undefined)
  process.on('SIGHUP', () => undefined)
  process.once('disconnect', () => process.exit(0))
  return {
    post: (message) => {
      if (process.connected) process.send?.(message, () => undefined)
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.once('disconnect', listener),
    close: () => {
      if (process.connected) process.disconnect()
    },
  }
}

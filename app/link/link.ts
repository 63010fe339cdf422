import type { ProblemCode } from '../../domain/index.ts'
import { Problem, problemStatus, reasonOf } from '../../domain/index.ts'
import type { Channel } from './channel.ts'

/** What one side of a link answers: calls have an answer, notices have none. */
export interface LinkHandlers {
  readonly calls?: Readonly<Record<string, (input: unknown) => unknown>>
  readonly notices?: Readonly<Record<string, (body: unknown) => void>>
}

/** Calls and notices to the other side. */
export interface Link {
  /**
   * Resolves with the answer. Rejects with the other side's `Problem`, or `core-unavailable` when the other
   * side is gone or too many calls are under way (then the call may or may not have been carried out).
   */
  call(name: string, input: unknown): Promise<unknown>
  /** Sends without waiting; silently nothing once the link is closed. */
  notify(name: string, body: unknown): void
  readonly closed: boolean
  onClose(listener: () => void): void
  close(): void
}

/** More calls than this under way means the other side has stopped answering. */
const CALLS_MAX = 10_000

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'problem'
      readonly id: number
      readonly code: ProblemCode
      readonly what: string
      readonly remedy: string
    }
  | { readonly kind: 'notice'; readonly name: string; readonly body: unknown }

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (problem: Problem) => void
}

/** Opens a link over a channel. Both sides do this; either may call the other. */
export function openLink(channel: Channel, handlers: LinkHandlers): Link {
  const waiting = new Map<number, Waiting>()
  const closeListeners: (() => void)[] = []
  let nextId = 0
  let closed = false
  channel.onClose(() => {
    closed = true
    for (const each of waiting.values()) each.reject(gone('The other part went away before it answered.'))
    waiting.clear()
    for (const listener of closeListeners) listener()
  })
  channel.onMessage((raw) => {
    const message = raw as Message
    if (message.kind === 'call') void answer(channel, handlers, message)
    else if (message.kind === 'notice') handlers.notices?.[message.name]?.(message.body)
    else settle(waiting, message)
  })
  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(gone('The other part is not running.'))
        if (waiting.size >= CALLS_MAX) return reject(gone(`${CALLS_MAX} calls are waiting for an answer.`))
        const id = nextId++
        waiting.set(id, { resolve, reject })
        channel.post({ kind: 'call', id, name, input } satisfies Message)
        return undefined
      }),
    notify: (name, body) => {
      if (!closed) channel.post({ kind: 'notice', name, body } satisfies Message)
    },
    get closed() {
      return closed
    },
    onClose: (listener) => void closeListeners.push(listener),
    close: () => {
      channel.close()
    },
  }
}

async function answer(
  channel: Channel,
  handlers: LinkHandlers,
  message: Message & { kind: 'call' },
): Promise<void> {
  const { id, name } = message
  try {
    const handler = handlers.calls?.[name]
    if (handler === undefined) {
      throw new Problem('not-found', {
        what: `This part does not answer ${name}.`,
        remedy: 'Run all parts in the same version.',
      })
    }
    const value = await handler(message.input)
    channel.post({ kind: 'answer', id, value } satisfies Message)
  } catch (thrown) {
    const problem = thrown instanceof Problem ? thrown : internal(name, thrown)
    const { code, message: what, remedy } = problem
    channel.post({ kind: 'problem', id, code, what, remedy } satisfies Message)
  }
}

function settle(waiting: Map<number, Waiting>, message: Message & { kind: 'answer' | 'problem' }): void {
  const one = waiting.get(message.id)
  waiting.delete(message.id)
  if (message.kind === 'answer') one?.resolve(message.value)
  else one?.reject(new Problem(knownCode(message.code), { what: message.what, remedy: message.remedy }))
}

function knownCode(code: string): ProblemCode {
  return code in problemStatus ? (code as ProblemCode) : 'internal'
}

function internal(name: string, cause: unknown): Problem {
  return new Problem('internal', {
    what: `${name} failed: ${reasonOf(cause)}`,
    remedy: 'Look at the log of the core around this time, then try again.',
    cause,
  })
}

function gone(what: string): Problem {
  return new Problem('core-unavailable', { what, remedy: 'Wait until the core is running, then try again.' })
}

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
   * side is gone, too many calls are under way or `signal` aborts (then the call may or may not have been
   * carried out).
   */
  call(name: string, input: unknown, signal?: AbortSignal): Promise<unknown>
  /** Sends without waiting; silently nothing once the link is closed. */
  notify(name: string, body: unknown): void
  readonly closed: boolean
  /**
   * Calls back once, when the link is closed or at once when it is already: with what failed on either side, or
   * with undefined when it was closed or the other side just went away.
   */
  onClose(listener: (failure: Problem | undefined) => void): void
  close(): void
}

/** More calls than this under way means the other side has stopped answering. */
const CALLS_MAX = 10_000

/** The innermost calls are the ones that tell. */
const STACK_CHARACTERS_MAX = 8_000

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'problem'
      readonly id: number
      readonly code: ProblemCode
      readonly what: string
      readonly remedy: string
      /** Of a fault of ours: where it happened, for the log of the side that asked. */
      readonly stack?: string
    }
  | { readonly kind: 'notice'; readonly name: string; readonly body: unknown }
  | { readonly kind: 'failed'; readonly what: string }

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (problem: Problem) => void
}

/**
 * Opens a link over a channel. Both sides do this; either may call the other. A notice that cannot be taken
 * closes the link, because whoever keeps a state by notices must begin anew after a missed one.
 */
export function openLink(channel: Channel, handlers: LinkHandlers): Link {
  return new ChannelLink(channel, handlers)
}

class ChannelLink implements Link {
  closed = false
  readonly #channel: Channel
  readonly #handlers: LinkHandlers
  readonly #waiting = new Map<number, Waiting>()
  readonly #closeListeners: ((failure: Problem | undefined) => void)[] = []
  #nextId = 0
  #failure: Problem | undefined

  constructor(channel: Channel, handlers: LinkHandlers) {
    this.#channel = channel
    this.#handlers = handlers
    channel.onClose(() => {
      this.#end()
    })
    channel.onMessage((raw) => {
      try {
        this.#take(raw as Message)
      } catch (thrown) {
        this.#fail(thrown)
      }
    })
  }

  async call(name: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    if (this.closed) throw gone('The other part is not running.')
    if (signal?.aborted === true) throw gone(`${name} was given up before it was asked.`)
    if (this.#waiting.size >= CALLS_MAX) throw gone(`${CALLS_MAX} calls are waiting for an answer.`)
    const id = this.#nextId++
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const giveUp = (): void => {
      reject(gone(`The other part did not answer ${name} in time.`))
    }
    this.#waiting.set(id, { resolve, reject })
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      this.#channel.post({ kind: 'call', id, name, input } satisfies Message)
      return await promise
    } finally {
      signal?.removeEventListener('abort', giveUp)
      this.#waiting.delete(id)
    }
  }

  notify(name: string, body: unknown): void {
    if (!this.closed) this.#channel.post({ kind: 'notice', name, body } satisfies Message)
  }

  onClose(listener: (failure: Problem | undefined) => void): void {
    if (this.closed) listener(this.#failure)
    else this.#closeListeners.push(listener)
  }

  close(): void {
    this.#channel.close()
    this.#end()
  }

  #take(message: Message): void {
    if (message.kind === 'call') void answer(this.#channel, this.#handlers, message)
    else if (message.kind === 'notice') this.#handlers.notices?.[message.name]?.(message.body)
    else if (message.kind === 'failed') this.#closeWith(failed(message.what))
    else settle(this.#waiting.get(message.id), message)
  }

  #fail(thrown: unknown): void {
    if (this.closed) return
    const what = reasonOf(thrown)
    this.#channel.post({ kind: 'failed', what } satisfies Message)
    this.#closeWith(failed(what, thrown))
  }

  #closeWith(failure: Problem): void {
    this.#failure ??= failure
    this.#channel.close()
    this.#end()
  }

  #end(): void {
    if (this.closed) return
    this.closed = true
    const why = this.#failure === undefined ? '.' : `: ${this.#failure.message}`
    for (const each of this.#waiting.values()) each.reject(gone(`The other part went away${why}`))
    for (const listener of this.#closeListeners) listener(this.#failure)
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
    const stack = stackOf(problem)
    channel.post({ kind: 'problem', id, code, what, remedy, ...stack } satisfies Message)
  }
}

/** Nobody may be waiting any more: then the call was given up. */
function settle(one: Waiting | undefined, message: Message & { kind: 'answer' | 'problem' }): void {
  if (message.kind === 'answer') one?.resolve(message.value)
  else one?.reject(problemOf(message))
}

/**
 * The problem as the side that asked throws it. A fault of ours brings its stack along as its cause: whoever asked logs
 * it, under the id of the request it was asked for, and the side that answers has nothing to log.
 */
function problemOf({ code, what, remedy, stack }: Message & { kind: 'problem' }): Problem {
  if (stack === undefined) return new Problem(knownCode(code), { what, remedy })
  const cause = new Error(what)
  cause.stack = stack
  return new Problem(knownCode(code), { what, remedy, cause })
}

/** Where a fault of ours happened; nothing for what was refused. */
function stackOf({ code, cause }: Problem): { readonly stack?: string } {
  if (code !== 'internal' || !(cause instanceof Error) || cause.stack === undefined) return {}
  return { stack: cause.stack.slice(0, STACK_CHARACTERS_MAX) }
}

function knownCode(code: string): ProblemCode {
  return code in problemStatus ? (code as ProblemCode) : 'internal'
}

function internal(name: string, cause: unknown): Problem {
  return new Problem('internal', {
    what: `${name} failed: ${reasonOf(cause)}`,
    remedy: 'Try again; if it stays, report it with what the log says of it.',
    cause,
  })
}

function failed(what: string, cause?: unknown): Problem {
  return new Problem('internal', {
    what: `The link to another part was closed, because a message on it failed: ${what}`,
    remedy: 'Run all parts in the same version. Report it when it happens again.',
    cause,
  })
}

function gone(what: string): Problem {
  return new Problem('core-unavailable', { what, remedy: 'Wait until the core is running, then try again.' })
}

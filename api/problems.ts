import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Log, ProblemCode } from '../domain/index.ts'
import { Problem, problemStatus, reasonOf } from '../domain/index.ts'

/** Media type of every error answer (RFC 9457 section 3). */
export const PROBLEM_TYPE = 'application/problem+json'

/** An RFC 9457 problem document with our stable code and what to do about it. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  /** What went wrong, here and now. */
  readonly detail: string
  readonly code: ProblemCode
  readonly remedy: string
  /** Names this occurrence; the same id stands in the server's log and in the header `x-request-id`. */
  readonly instance: string
}

/** The document of a problem. What a status-500 problem says stays in the log: it may name files and parts. */
export function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const status = problemStatus[problem.code]
  const words = problem.code.replaceAll('-', ' ')
  return {
    type: `urn:isotherm:problem:${problem.code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    detail: status === 500 ? 'The server met a fault of its own; its log tells more.' : problem.message,
    code: problem.code,
    remedy: problem.remedy,
    instance: `urn:isotherm:request:${requestId}`,
  }
}

/** Answers a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const document = problemDocument(problem, reply.request.id)
  // text, so that no route's answer schema is applied to it
  return reply
    .code(document.status)
    .type(PROBLEM_TYPE)
    .header('x-request-id', reply.request.id)
    .send(JSON.stringify(document))
}

/** Answers anything thrown while a request was served, and logs what is our fault. */
export function answerError(log: Log, thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(thrown)
  const status = problemStatus[problem.code]
  if (status >= 500) {
    const cause = thrown instanceof Problem ? thrown.cause : thrown
    // what is only not there at the moment comes back by itself
    const level = status === 503 ? 'warn' : 'error'
    log[level](
      {
        request: request.id,
        route: request.routeOptions.url ?? null,
        code: problem.code,
        reason: problem.message,
        cause: cause === undefined ? null : reasonOf(cause),
        stack: cause instanceof Error ? (cause.stack ?? null) : null,
      },
      'request failed',
    )
  }
  sendProblem(reply, problem)
}

const documentation = 'Compare the request with /openapi.json.'

/** Any error as a problem: our own as they are, the framework's by their code, all others `internal`. */
function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  if (!(thrown instanceof Error)) return internal(thrown)
  const { code, validation, validationContext, statusCode } = thrown as Partial<FastifyError>
  if (validation !== undefined) return invalid(validation, validationContext, thrown)
  const known = code === undefined ? undefined : frameworkProblems[code]
  if (known !== undefined) return new Problem(known.code, { ...known, cause: thrown })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem('bad-request', {
      what: 'The request cannot be understood.',
      remedy: documentation,
      cause: thrown,
    })
  }
  return internal(thrown)
}

/** Parts of a request in the words of `openapi.json`. */
const places: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
}

/** The first thing the validator found; `schema is false` is how it says that a member is not known. */
function invalid(
  errors: readonly { readonly keyword: string; readonly instancePath: string; readonly message?: string }[],
  context: string | undefined,
  cause: unknown,
): Problem {
  const [first] = errors
  const where = [places[context ?? ''] ?? 'request', ...(first?.instancePath ?? '').split('/').slice(1)].join(
    '.',
  )
  const what = first?.keyword === 'boolean' ? 'is not known here' : (first?.message ?? 'is not valid')
  return new Problem('bad-request', {
    what: `${where} ${what}`.slice(0, DETAIL_CHARACTERS_MAX) + '.',
    remedy: documentation,
    cause,
  })
}

/** A validator's message may repeat what was sent; nobody needs more of it than this. */
const DETAIL_CHARACTERS_MAX = 300

function internal(cause: unknown): Problem {
  return new Problem('internal', {
    what: `Unexpected: ${reasonOf(cause)}`,
    remedy: 'Try again; if it stays, tell the operator of the server the instance named here.',
    cause,
  })
}

/** Errors of the framework that are answered with more than `bad-request` or deserve their own sentence. */
const frameworkProblems: Readonly<
  Record<string, { readonly code: ProblemCode; readonly what: string; readonly remedy: string }>
> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'payload-too-large',
    what: 'The body of the request is larger than this address takes.',
    remedy:
      'Send less at once; readings up to 61,440 bytes, receipts up to 4,096, anything else up to 16,384.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    what: 'The body is not declared to be JSON.',
    remedy: 'Send JSON with the header Content-Type: application/json.',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    code: 'bad-request',
    what: 'The body is not JSON, or it has a member named __proto__ or constructor.prototype.',
    remedy: 'Send well-formed JSON.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    code: 'bad-request',
    what: 'The body is empty.',
    remedy: 'Send a JSON object, or leave out the header Content-Type.',
  },
  FST_ERR_HANDLER_TIMEOUT: {
    code: 'core-unavailable',
    what: 'The answer took too long.',
    remedy: 'Ask for less at once (a shorter period, a larger step) or try again later.',
  },
}

/** What is needed of a socket to say a last word on it. */
export interface BrokenSocket {
  readonly writable: boolean
  destroy(): unknown
  end(text: string): unknown
}

/**
 * Answers what never became a request (RFC 9112): malformed lines, headers that are too large, requests that do
 * not arrive in time. The connection is closed, because what follows on it cannot be told apart.
 */
export function answerBrokenConnection(
  error: Error & { readonly code?: string },
  socket: BrokenSocket,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    // the other side is gone: there is nobody to answer
    socket.destroy()
    return
  }
  const what =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'The address and headers of the request are too large.'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'The request did not arrive in time.'
        : 'What arrived is not HTTP/1.1.'
  const problem = new Problem('bad-request', {
    what,
    remedy: 'Correct the client; this connection is closed.',
  })
  const body = JSON.stringify(problemDocument(problem, 'none'))
  const head = [
    'HTTP/1.1 400 Bad Request',
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

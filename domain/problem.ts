/**
 * The one error type of Isotherm: a stable code, what happened where, and what to do about it.
 *
 * Expected refusals of single readings are values (`HeldReason`); a `Problem` is thrown when a whole
 * operation cannot go on. Every boundary (HTTP, command line, log) prints code, what and remedy.
 */
export class Problem extends Error {
  override readonly name = 'Problem'
  /** Stable kebab-case identifier, part of the outside contract. */
  readonly code: ProblemCode
  /** What the reader can do about it: one sentence, imperative. */
  readonly remedy: string

  constructor(code: ProblemCode, options: ProblemOptions) {
    super(options.what, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy
  }
}

/** `what`: one sentence naming the thing and the place. `remedy`: what to do. `cause`: the lower error. */
export interface ProblemOptions {
  readonly what: string
  readonly remedy: string
  readonly cause?: unknown
}

/**
 * Every problem code with the HTTP status it travels as (RFC 9457). Codes are never reused for another
 * meaning; `docs/errors.md` lists them all and a test holds the two lists together.
 */
export const problemStatus = {
  'bad-request': 400,
  'bad-credentials': 401,
  'not-signed-in': 401,
  'not-allowed': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'already-exists': 409,
  'already-revoked': 409,
  conflict: 409,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'too-many-requests': 429,
  'demo-only': 422,
  internal: 500,
  'core-unavailable': 503,
  'journal-unavailable': 503,
  'journal-full': 503,
  'journal-damaged': 500,
  'journal-trimmed': 410,
  'journal-cursor-beyond-end': 500,
  'journal-mismatch': 500,
  'data-directory-locked': 500,
  'data-directory-version': 500,
  'configuration-invalid': 500,
  'store-damaged': 500,
  'backup-incomplete': 400,
  'backup-damaged': 500,
  'disk-full': 507,
  'influx-unavailable': 503,
  'influx-refused': 502,
  'file-unreadable': 400,
  'file-not-understood': 400,
  'connection-failed': 503,
} as const satisfies Record<string, number>

/** A stable problem code; see `problemStatus`. */
export type ProblemCode = keyof typeof problemStatus

/** The text of anything thrown, for use inside a `what`. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

import type { ProblemCode, RefusalReason } from '../domain/index.ts'
import { Problem, refusalReasons } from '../domain/index.ts'
import type { CountRefusal } from './ports.ts'

/** The problem each refusal travels as, on both roads. */
const problemCodes: Readonly<Record<RefusalReason, ProblemCode>> = {
  'unknown-device': 'bad-credentials',
  'wrong-secret': 'bad-credentials',
  'untrusted-certificate': 'bad-credentials',
  'certificate-mismatch': 'bad-credentials',
  'device-revoked': 'bad-credentials',
  'foreign-topic': 'not-allowed',
  'foreign-subscription': 'not-allowed',
  'packet-too-large': 'payload-too-large',
  'malformed-packet': 'bad-request',
  'persistent-session': 'bad-request',
  'unsupported-protocol': 'bad-request',
  'bad-keepalive': 'bad-request',
  'too-many-connections': 'too-many-requests',
  'connecting-too-fast': 'too-many-requests',
  'contested-identity': 'too-many-requests',
  'too-many-in-flight': 'too-many-requests',
  'journal-unavailable': 'journal-unavailable',
}

/** A refusal as a problem, for an HTTP answer or as the error that makes the broker close a connection. */
export function refusalProblem(
  reason: RefusalReason,
  deviceId: string | undefined,
  cause?: unknown,
): Problem {
  return new Problem(problemCodes[reason], {
    what: `Refused${deviceId === undefined ? '' : ` device ${deviceId}`}: ${reason}.`,
    remedy: refusalReasons[reason],
    cause,
  })
}

/** Counts refusals, for the operator per device (through the port) and for `stats()` per reason. */
export interface Refusals {
  readonly count: CountRefusal
  /** How many of each reason since the start; reasons that never occurred are absent. */
  byReason(): Partial<Record<RefusalReason, number>>
}

/** Counts into memory and onwards through `countRefusal`. */
export function createRefusals(countRefusal: CountRefusal): Refusals {
  const counts: Partial<Record<RefusalReason, number>> = {}
  return {
    count: (deviceId, reason) => {
      counts[reason] = (counts[reason] ?? 0) + 1
      countRefusal(deviceId, reason)
    },
    byReason: () => ({ ...counts }),
  }
}

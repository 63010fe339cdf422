import { instantText } from '../../domain/index.ts'
import type { BalanceStatus } from '../link/protocol.ts'
import type { Finding } from './doctor-finding.ts'

/** Mismatches written out; more are the same trouble. */
const SHOWN_MAX = 3

/** Whether the counters of promise 2 agree with the rows, by the last round of the core. */
export function balanceFinding({ comparedAtMs, mismatches }: BalanceStatus): Finding {
  const check = 'balance'
  const when = comparedAtMs === null ? 'not yet compared once' : `compared ${instantText(comparedAtMs)}`
  if (mismatches.length === 0) {
    return comparedAtMs === null
      ? { check, state: 'note', found: when }
      : { check, state: 'ok', found: `every message and reading is accounted for; ${when}` }
  }
  const told = mismatches
    .slice(0, SHOWN_MAX)
    .map(({ subject, what, counted, found }) => `${subject}: ${what}, counted ${counted}, found ${found}`)
  const more = mismatches.length > SHOWN_MAX ? `; ${mismatches.length - SHOWN_MAX} more` : ''
  return {
    check,
    state: 'bad',
    found: `${told.join('; ')}${more}`,
    remedy:
      'Somebody or something changed the file of readings. Keep a copy of it, stop Isotherm, and run `isotherm rebuild`: it makes the readings anew from the journal and tells what differs.',
  }
}

import type { CheckedMaterial } from './material.ts'

/** What there is to say of a certificate at a time. `state` as the doctor says it. */
export interface CertificateState {
  readonly state: 'ok' | 'note' | 'bad'
  /** In words, without paths. */
  readonly found: string
  readonly remedy?: string
  /** False before its first and after its last instant. */
  readonly isValid: boolean
}

const DAY_MS = 86_400_000
/** Somebody has to act when an automatic renewal, usual from 30 days before the end, has not happened by then. */
const SOON_DAYS = 14
const RENEW = 'Renew it and put the new files in place of the old; they are taken without a restart.'

/** The ends that are told. */
type Ends = Pick<CheckedMaterial, 'validFromMs' | 'validToMs' | 'clientsValidToMs'>

/** Whether a certificate holds at `nowMs`, and how long; and an authority of devices that does so no longer. */
export function certificateState(ends: Ends, nowMs: number): CertificateState {
  const own = ownState(ends, nowMs)
  const { clientsValidToMs } = ends
  if (clientsValidToMs === undefined || nowMs < clientsValidToMs) return own
  const found = `${own.found}; an authority of the devices expired on ${instantOf(clientsValidToMs)}`
  return { ...own, state: 'bad', found, remedy: 'Renew the authority in tls_client_ca, or take it out.' }
}

function ownState({ validFromMs, validToMs }: Ends, nowMs: number): CertificateState {
  if (nowMs >= validToMs) {
    return { state: 'bad', found: `expired since ${instantOf(validToMs)}`, remedy: RENEW, isValid: false }
  }
  if (nowMs < validFromMs) {
    const found = `not valid before ${instantOf(validFromMs)}`
    const remedy = 'Set the clock of this machine right, or renew the certificate.'
    return { state: 'bad', found, remedy, isValid: false }
  }
  const until = `valid until ${instantOf(validToMs)}`
  const days = Math.floor((validToMs - nowMs) / DAY_MS)
  if (days >= SOON_DAYS) return { state: 'ok', found: until, isValid: true }
  return { state: 'note', found: `${until}, ${days} days from now`, remedy: RENEW, isValid: true }
}

function instantOf(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

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
type Ends = Pick<CheckedMaterial, 'validFromMs' | 'validToMs' | 'clientsValidToMs' | 'revocationsValidToMs'>

/** Whether a certificate holds at `nowMs`, and how long; and what of the devices' authorities does so no longer. */
export function certificateState(ends: Ends, nowMs: number): CertificateState {
  const own = ownState(ends, nowMs)
  const { clientsValidToMs, revocationsValidToMs } = ends
  if (clientsValidToMs !== undefined && nowMs >= clientsValidToMs) {
    const found = `${own.found}; an authority of the devices expired on ${instantOf(clientsValidToMs)}`
    return { ...own, state: 'bad', found, remedy: 'Renew the authority in tls_client_ca, or take it out.' }
  }
  if (revocationsValidToMs !== undefined && nowMs >= revocationsValidToMs) {
    const found = `${own.found}; a list of revoked certificates was due on ${instantOf(revocationsValidToMs)}`
    const remedy =
      'Put the newest list in place of the file in tls_client_crl; until then no certificate of a device is trusted.'
    return { ...own, state: 'bad', found, remedy }
  }
  return own
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

import { type Clock, type Log, reasonOf } from '../../domain/index.ts'
import type { TlsMaterial } from '../doors/tls.ts'
import { type CertificateFiles, type CheckedMaterial, readMaterial } from './material.ts'
import { type CertificateState, certificateState } from './state.ts'

/** Renewed files are seen within this; a look reads two small files. */
export const LOOK_INTERVAL_MS = 30_000

/** The certificate of this process as it is now. */
export interface Certificates {
  readonly material: CheckedMaterial
  /** What there is to say of it now, and of files put in its place that cannot be used. */
  state(): CertificateState
  /** Calls back with each renewed one. */
  onRenewed(listener: (material: TlsMaterial) => void): void
  /** Looks for renewed files until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>
}

/** Reads and checks the files; throws as `readMaterial` does. Warns of a key that all may read. */
export async function openCertificates(
  files: CertificateFiles,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  lookIntervalMs = LOOK_INTERVAL_MS,
): Promise<Certificates> {
  let material = await readMaterial(files)
  let trouble: string | undefined
  let warned: string | undefined
  const listeners: ((material: TlsMaterial) => void)[] = []
  let told: string | undefined
  const tell = (): void => {
    const { state, found } = certificateState(material, clock.nowMs())
    told = state
    log[state === 'ok' ? 'info' : 'warn']({}, `the certificate of this server is ${found}`)
    if (material.isKeyOpen) {
      log.warn({ path: files.tls_key }, 'every account of this machine may read the key: chmod 600 it')
    }
  }
  const look = async (): Promise<void> => {
    try {
      const now = await readMaterial(files)
      trouble = undefined
      warned = undefined
      if (isSame(now, material)) {
        if (certificateState(material, clock.nowMs()).state !== told) tell()
        return
      }
      material = now
      for (const listener of listeners) listener(now)
      tell()
    } catch (thrown) {
      // Nothing is lost: the certificate in use goes on. Two files are not replaced in one instant, so only
      // trouble that is still there at the next look is told.
      const reason = reasonOf(thrown)
      if (trouble === reason && warned !== reason) {
        warned = reason
        log.warn({ reason }, 'the certificate files cannot be used; what was read before goes on')
      }
      trouble = reason
    }
  }
  tell()
  return {
    get material() {
      return material
    },
    state: () => {
      const now = certificateState(material, clock.nowMs())
      if (warned === undefined) return now
      return { ...now, state: 'bad', found: `${now.found}; the files put in its place cannot be used` }
    },
    onRenewed: (listener) => void listeners.push(listener),
    follow: async (signal) => {
      while (!signal.aborted) {
        await clock.sleep(lookIntervalMs, signal)
        if (!signal.aborted) await look()
      }
    },
  }
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  const none = new Uint8Array()
  return (
    Buffer.compare(one.certificate, other.certificate) === 0 &&
    Buffer.compare(one.key, other.key) === 0 &&
    Buffer.compare(one.clientAuthorities ?? none, other.clientAuthorities ?? none) === 0 &&
    String(one.clientRevocations) === String(other.clientRevocations)
  )
}

import { Problem } from '../../domain/index.ts'
import { certificateFiles, certificateState, readMaterial } from '../certificates/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import type { Finding } from './doctor-finding.ts'

/** What the files of the certificate hold now: what a start would find, and what a running server takes within 30 s. */
export async function certificateFindings(configuration: Configuration): Promise<readonly Finding[]> {
  const check = 'TLS certificate'
  const files = certificateFiles(configuration)
  if (files === undefined) {
    const remedy = 'Set ISOTHERM_TLS_CERTIFICATE and ISOTHERM_TLS_KEY to take MQTT over TLS.'
    return [{ check, state: 'note', found: 'not configured', remedy }]
  }
  try {
    const material = await readMaterial(files)
    const { isValid: _, ...state } = certificateState(material, systemClock.nowMs())
    const found: Finding = { check, ...state }
    if (!material.isKeyOpen) return [found]
    const remedy = `Run chmod 600 ${files.tls_key}.`
    return [found, { check: 'TLS key', state: 'note', found: 'every account may read it', remedy }]
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return [{ check, state: 'bad', found: thrown.message, remedy: thrown.remedy }]
  }
}

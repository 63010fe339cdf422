import type { Clock, Log } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { type Certificates, openCertificates } from './follow.ts'
import type { CertificateFiles } from './material.ts'

/** The files a configuration names; undefined when there is to be no TLS. */
export function certificateFiles(configuration: Configuration): CertificateFiles | undefined {
  const { tls_certificate, tls_key, tls_client_ca, tls_client_crl } = configuration
  if (tls_certificate === undefined || tls_key === undefined) return undefined
  return {
    tls_certificate,
    tls_key,
    ...(tls_client_ca !== undefined && { tls_client_ca }),
    ...(tls_client_crl !== undefined && { tls_client_crl }),
  }
}

/** Opens the certificate of a server, if it is to have one, and follows its files until the server stops. */
export async function startCertificates(context: {
  readonly configuration: Configuration
  readonly clock: Clock
  readonly log: Log
  readonly onStop: (name: string, stop: () => Promise<void> | void) => void
}): Promise<Certificates | undefined> {
  const files = certificateFiles(context.configuration)
  if (files === undefined) return undefined
  const certificates = await openCertificates(files, context)
  const stopping = new AbortController()
  const following = certificates.follow(stopping.signal)
  context.onStop('following the certificate', () => {
    stopping.abort()
    return following
  })
  return certificates
}

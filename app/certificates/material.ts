import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { Problem, reasonOf } from '../../domain/index.ts'
import { type TlsMaterial, troubleWith } from '../doors/tls.ts'
import { isOpenToAll, readBytes } from '../doors/files.ts'
import { type RevocationLists, revocationListsIn } from './revocations.ts'

/** Where certificate and key lie: the settings of the same names. */
export interface CertificateFiles {
  readonly tls_certificate: string
  readonly tls_key: string
  readonly tls_client_ca?: string
  readonly tls_client_crl?: string
}

/** What the files hold, checked. Times are epoch ms. */
export interface CheckedMaterial extends TlsMaterial {
  readonly validFromMs: number
  /** The first end among the server's certificate and those of its issuers. */
  readonly validToMs: number
  /** The first end among the authorities of the devices; undefined without any. */
  readonly clientsValidToMs: number | undefined
  /** When the first of their revocation lists is due to be replaced; undefined without any. */
  readonly revocationsValidToMs: number | undefined
  /** True when every account of the machine may read the key. */
  readonly isKeyOpen: boolean
}

/**
 * Reads certificate and key, and checks that they are what they should be and belong together. Throws
 * `configuration-invalid` naming setting, file and remedy. A certificate that is not valid at this time is no error
 * here: who does not check it goes on, and the others keep their data until it is renewed.
 */
export async function readMaterial(files: CertificateFiles): Promise<CheckedMaterial> {
  const certificate = await read('tls_certificate', files.tls_certificate)
  const key = await read('tls_key', files.tls_key)
  const chain = certificatesIn(certificate, 'tls_certificate', files.tls_certificate)
  if (chain[0]?.checkPrivateKey(privateKeyIn(key, files)) !== true) {
    throw invalid(
      `The key in ${files.tls_key} does not belong to the first certificate in ${files.tls_certificate}.`,
      'Name the key that certificate was made for; its own certificate comes first in the file, those of its issuers follow.',
    )
  }
  const ofClients = await clientAuthorities(files)
  requireUsable({ certificate, key, ...ofClients }, files)
  return {
    certificate,
    key,
    validFromMs: Math.max(...chain.map((each) => each.validFromDate.getTime())),
    validToMs: firstEnd(chain),
    isKeyOpen: await isOpenToAll(files.tls_key),
    ...ofClients,
  }
}

/**
 * Throws for what would be refused when a server takes it: the platform reads it in full, and this file only as far as
 * it has to be known.
 */
function requireUsable(whole: TlsMaterial, files: CertificateFiles): void {
  const { clientRevocations: _, ...trusting } = whole
  const { clientAuthorities: __, ...own } = trusting
  // the whole first, which is mostly good
  if (troubleWith(whole) === undefined) return
  const steps = [
    ['tls_certificate', own],
    ['tls_client_ca', trusting],
    ['tls_client_crl', whole],
  ] as const
  for (const [setting, part] of steps) {
    const trouble = troubleWith(part)
    if (trouble === undefined) continue
    throw invalid(
      `${setting} names ${files[setting] ?? ''}, which cannot be used: ${trouble}.`,
      'Have the file made anew, or name another one.',
    )
  }
}

type OfClients = 'clientAuthorities' | 'clientRevocations' | 'clientsValidToMs' | 'revocationsValidToMs'

async function clientAuthorities({
  tls_client_ca: path,
  tls_client_crl: listPath,
}: CertificateFiles): Promise<Pick<CheckedMaterial, OfClients>> {
  if (path === undefined) return { clientsValidToMs: undefined, revocationsValidToMs: undefined }
  const bytes = await read('tls_client_ca', path)
  const authorities = certificatesIn(bytes, 'tls_client_ca', path)
  const other = authorities.find((each) => !each.ca)
  if (other !== undefined) {
    const subject = other.subject.replaceAll('\n', ', ')
    throw invalid(
      `tls_client_ca names ${path}, which holds a certificate that is no authority: ${subject}.`,
      'Name a PEM file with the authorities that sign the certificates of devices, not with those certificates.',
    )
  }
  const trusted = { clientAuthorities: bytes, clientsValidToMs: firstEnd(authorities) }
  if (listPath === undefined) return { ...trusted, revocationsValidToMs: undefined }
  const { lists, validToMs } = await revocations(listPath, authorities)
  return { ...trusted, clientRevocations: lists, revocationsValidToMs: validToMs }
}

async function revocations(path: string, authorities: readonly X509Certificate[]): Promise<RevocationLists> {
  const found = revocationListsIn(await read('tls_client_crl', path), authorities)
  if (typeof found !== 'string') return found
  throw invalid(
    `tls_client_crl names ${path}, which ${found}.`,
    'Name a PEM file with one list of revoked certificates of each authority in tls_client_ca.',
  )
}

function firstEnd(chain: readonly X509Certificate[]): number {
  return Math.min(...chain.map((each) => each.validToDate.getTime()))
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The certificates of a PEM file, at least one. */
function certificatesIn(bytes: Uint8Array, setting: keyof CertificateFiles, path: string): X509Certificate[] {
  const blocks = Buffer.from(bytes).toString('latin1').match(PEM_CERTIFICATE) ?? []
  const remedy = `Name a PEM file, "-----BEGIN CERTIFICATE-----": ${
    setting === 'tls_certificate'
      ? 'the certificate of this server first, then those of its issuers.'
      : 'the authorities that sign the certificates of devices.'
  }`
  if (blocks.length === 0) throw invalid(`${setting} names ${path}, which holds no certificate.`, remedy)
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch (thrown) {
    const what = `${setting} names ${path}, which holds a broken certificate: ${reasonOf(thrown)}.`
    throw invalid(what, remedy, thrown)
  }
}

function privateKeyIn(bytes: Uint8Array, { tls_key: path }: CertificateFiles): KeyObject {
  try {
    return createPrivateKey(Buffer.from(bytes))
  } catch (thrown) {
    throw invalid(
      `tls_key names ${path}, which holds no private key that can be used: ${reasonOf(thrown)}.`,
      'Name a PEM file with the private key of the certificate, without a passphrase.',
      thrown,
    )
  }
}

async function read(setting: keyof CertificateFiles, path: string): Promise<Uint8Array> {
  try {
    return await readBytes(path)
  } catch (thrown) {
    throw invalid(
      `${setting} names a file that cannot be used: ${reasonOf(thrown)}`,
      `Correct ${setting} (ISOTHERM_${setting.toUpperCase()}), or let this account read the file.`,
      thrown,
    )
  }
}

function invalid(what: string, remedy: string, cause?: unknown): Problem {
  return new Problem('configuration-invalid', { what, remedy, cause })
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Files of one certificate, PEM. */
export interface MadeCertificate {
  readonly certificate: string
  readonly key: string
}

/** A certificate authority of a test, in a folder of its own, by the `openssl` of the machine. */
export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'iso-tls-'))
  /** Its own certificate: what clients are told to trust. */
  readonly certificate = join(this.folder, 'ca.pem')
  readonly #key = join(this.folder, 'ca.key')

  constructor(name = 'test authority') {
    const files = ['-keyout', this.#key, '-out', this.certificate]
    openssl('req', '-x509', ...newKey, ...files, '-days', '30', '-subj', `/CN=${name}`)
  }

  /** Makes a certificate; for a server, it is good for `localhost` and 127.0.0.1. Fewer than 0 days: expired. */
  make(name: string, { days = 20, file = name } = {}): MadeCertificate {
    const at = (ending: string): string => join(this.folder, `${file}.${ending}`)
    openssl('req', '-new', ...newKey, '-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${name}`)
    writeFileSync(at('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    const signed = ['-CA', this.certificate, '-CAkey', this.#key, '-days', String(days)]
    openssl('x509', '-req', '-in', at('csr'), ...signed, '-extfile', at('ext'), '-out', at('pem'))
    return { certificate: at('pem'), key: at('key') }
  }

  /** Its certificate as text. */
  get pem(): string {
    return readFileSync(this.certificate, 'utf8')
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** P-256: made in milliseconds. */
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function openssl(...words: string[]): void {
  execFileSync('openssl', words, { stdio: 'pipe' })
}

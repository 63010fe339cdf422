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

  /** Writes its list of revoked certificates, good for a month or up to a past instant; answers the file. */
  revoke(made: readonly MadeCertificate[], { overdue = false, file = 'revoked' } = {}): string {
    const at = (ending: string): string => join(this.folder, `${file}.${ending}`)
    writeFileSync(at('index'), '')
    writeFileSync(at('cnf'), `[ca]\ndefault_ca=x\n[x]\ndatabase=${at('index')}\ndefault_md=sha256\n`)
    const ca = ['ca', '-config', at('cnf'), '-cert', this.certificate, '-keyfile', this.#key]
    for (const { certificate } of made) openssl(...ca, '-revoke', certificate)
    const when = overdue
      ? ['-crl_lastupdate', '20260101000000Z', '-crl_nextupdate', '20260201000000Z']
      : ['-crldays', '30']
    openssl(...ca, '-gencrl', ...when, '-out', at('crl'))
    return at('crl')
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

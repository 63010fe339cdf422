import { once } from 'node:events'
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type CertificateFiles,
  certificateState,
  openCertificates,
  readMaterial,
} from '../../app/certificates/index.ts'
import { listenTls } from '../../app/doors/tls.ts'
import type { LogFields } from '../../domain/index.ts'
import { collectingLog } from '../gateway/harness.ts'
import { undoAll, undoLater, until } from '../gateway/raw-client.ts'
import { type MadeCertificate, TestAuthority } from '../support/certificates.ts'
import { missingProgram } from '../support/services.ts'
import { StepClock } from '../support/step-clock.ts'

const missing = missingProgram('openssl', 'openssl')
const DAY_MS = 86_400_000
const LOOK_MS = 30_000

describe.skipIf(missing !== undefined)('certificates', () => {
  let authority: TestAuthority
  let one: MadeCertificate
  let other: MadeCertificate
  beforeAll(() => {
    authority = new TestAuthority()
    one = authority.make('one')
    other = authority.make('other')
  })
  afterAll(() => authority.remove())
  afterEach(undoAll)

  function written(name: string, text: string): string {
    const path = join(authority.folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }

  function filesOf({ certificate, key }: MadeCertificate): CertificateFiles {
    return { tls_certificate: certificate, tls_key: key }
  }

  /** Files of their own, that a test may replace. */
  function replaceable(made: MadeCertificate): CertificateFiles {
    const files = {
      tls_certificate: join(authority.folder, 'now.pem'),
      tls_key: join(authority.folder, 'now.key'),
    }
    replace(files, made)
    return files
  }

  function replace(files: CertificateFiles, { certificate, key }: MadeCertificate): void {
    copyFileSync(certificate, files.tls_certificate)
    copyFileSync(key, files.tls_key)
  }

  test.each<[string, () => CertificateFiles, string[]]>([
    [
      'a file that is not there',
      () => ({ ...filesOf(one), tls_certificate: '/nowhere/x.pem' }),
      ['tls_certificate', '/nowhere/x.pem', 'ENOENT', 'ISOTHERM_TLS_CERTIFICATE'],
    ],
    [
      'a key that is not there',
      () => ({ ...filesOf(one), tls_key: '/nowhere/x.key' }),
      ['tls_key', '/nowhere/x.key', 'ISOTHERM_TLS_KEY'],
    ],
    [
      'the key of another certificate',
      () => ({ ...filesOf(one), tls_key: other.key }),
      ['other.key', 'does not belong', 'one.pem', 'comes first'],
    ],
    [
      'a key in the place of the certificate',
      () => ({ tls_certificate: one.key, tls_key: one.key }),
      ['tls_certificate', 'one.key', 'holds no certificate', 'BEGIN CERTIFICATE'],
    ],
    [
      'a certificate that is cut off',
      () => ({
        ...filesOf(one),
        tls_certificate: written('cut.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
      }),
      ['cut.pem', 'broken certificate'],
    ],
    [
      'something else in the place of the key',
      () => ({ ...filesOf(one), tls_key: written('none.key', 'none') }),
      ['tls_key', 'none.key', 'holds no private key', 'passphrase'],
    ],
    [
      'the certificate of a device in the place of its authority',
      () => ({ ...filesOf(one), tls_client_ca: other.certificate }),
      ['tls_client_ca', 'other.pem', 'no authority', 'CN=other'],
    ],
  ])('%s is refused with setting, file and remedy', async (_, files, words) => {
    const problem = await readMaterial(files()).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(problem).toMatchObject({ code: 'configuration-invalid' })
    const { message, remedy } = problem as Error & { remedy: string }
    for (const word of words) expect(`${message} ${remedy}`).toContain(word)
  })

  test('the issuers of a certificate may follow it, and the first end of all counts', async () => {
    const short = authority.make('short', { days: 3 })
    const chain = written(
      'chain.pem',
      `text before\n${readFileSync(short.certificate, 'utf8') + authority.pem}`,
    )
    const { validToMs } = await readMaterial({ tls_certificate: chain, tls_key: short.key })
    expect((validToMs - Date.now()) / DAY_MS).toBeCloseTo(3, 1)
  })

  test('its end comes in words: fine, soon, over; and again when the clock is before its beginning', async () => {
    const clock = new StepClock(Date.now())
    const lines: [LogFields, string][] = []
    const certificates = await openCertificates(filesOf(one), { clock, log: collectingLog(lines) })
    const state = () => certificates.state()
    const { material } = certificates
    const until = new Date(material.validToMs).toISOString().replace('.000', '')
    expect(state()).toEqual({ state: 'ok', found: `valid until ${until}`, isValid: true })
    await clock.advance(7 * DAY_MS)
    expect(state()).toMatchObject({ state: 'note', found: `valid until ${until}, 12 days from now` })
    await clock.advance(13 * DAY_MS)
    expect(state()).toMatchObject({ state: 'bad', found: `expired since ${until}`, isValid: false })
    expect(state().remedy).toContain('Renew')
    const early = new StepClock(material.validFromMs - 1)
    const before = await openCertificates(filesOf(one), { clock: early, log: collectingLog([]) })
    expect(before.state()).toMatchObject({ state: 'bad', isValid: false })
    expect(before.state().found).toContain('not valid before')
    expect(lines).toEqual([[{}, `the certificate of this server is valid until ${until}`]])
  })

  test('an authority of devices that has expired is told beside the certificate, which still holds', async () => {
    const files = { ...filesOf(authority.make('long', { days: 90 })), tls_client_ca: authority.certificate }
    const clock = new StepClock(Date.now())
    const { material } = await openCertificates(files, { clock, log: collectingLog([]) })
    await clock.advance(31 * DAY_MS)
    const { found, ...rest } = certificateState(material, clock.nowMs())
    expect(found).toMatch(/^valid until .*; an authority of the devices expired on 20/)
    expect(rest).toMatchObject({ state: 'bad', isValid: true })
  })

  test('a key that every account may read is warned of', async () => {
    const open = authority.make('open')
    chmodSync(open.key, 0o644)
    const lines: [LogFields, string][] = []
    await openCertificates(filesOf(open), { clock: new StepClock(Date.now()), log: collectingLog(lines) })
    expect(lines[1]).toEqual([{ path: open.key }, expect.stringContaining('chmod 600') as string])
  })

  /** A TLS port with the certificate in `files`, whose looks a test makes by turning the clock. */
  async function listening(files: CertificateFiles) {
    const clock = new StepClock(Date.now())
    const lines: [LogFields, string][] = []
    const certificates = await openCertificates(files, { clock, log: collectingLog(lines) })
    const stop = new AbortController()
    void certificates.follow(stop.signal)
    undoLater(() => stop.abort())
    const listener = await listenTls({
      host: '127.0.0.1',
      port: 0,
      material: certificates.material,
      admits: () => true,
      handshakesMax: 2,
      onSocket: (socket) => {
        socket.on('error', () => undefined)
        undoLater(() => socket.destroy())
        socket.write('hello')
        socket.pipe(socket)
      },
    })
    undoLater(() => listener.stopAccepting())
    certificates.onRenewed((material) => {
      listener.renew(material)
    })
    const look = async (): Promise<void> => {
      await clock.advance(LOOK_MS)
      await until(() => clock.sleeping === 1)
    }
    return { listener, certificates, lines, look }
  }

  async function connected(port: number, more: object = {}): Promise<TLSSocket> {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.pem, ...more })
    undoLater(() => socket.destroy())
    await once(socket, 'secureConnect')
    return socket
  }

  async function nameShown(port: number): Promise<unknown> {
    return (await connected(port)).getPeerCertificate().subject.CN
  }

  test('renewed files are taken without a restart, and what is open goes on', async () => {
    const files = replaceable(one)
    const { listener, look, lines } = await listening(files)
    const open = await connected(listener.port)
    await once(open, 'data')
    expect(open.getPeerCertificate().subject.CN).toBe('one')
    replace(files, other)
    await look()
    expect(await nameShown(listener.port)).toBe('other')
    open.write('still here')
    expect(String((await once(open, 'data'))[0])).toBe('still here')
    expect(lines.map(([, message]) => message)).toEqual(
      Array.from(
        { length: 2 },
        () => expect.stringMatching(/^the certificate of this server is valid/) as string,
      ),
    )
  })

  test('files that cannot be used change nothing, are told once, and are taken when they are mended', async () => {
    const files = replaceable(one)
    const { listener, look, lines, certificates } = await listening(files)
    copyFileSync(other.certificate, files.tls_certificate)
    // one look may fall between the writing of one file and the other
    await look()
    expect([lines.length, certificates.state().state]).toEqual([1, 'ok'])
    await look()
    await look()
    await look()
    expect(lines.slice(1)).toEqual([
      [
        { reason: expect.stringContaining('does not belong') as string },
        'the certificate files cannot be used; what was read before goes on',
      ],
    ])
    expect(certificates.state()).toMatchObject({ state: 'bad', isValid: true })
    expect(await nameShown(listener.port)).toBe('one')
    copyFileSync(other.key, files.tls_key)
    await look()
    expect(await nameShown(listener.port)).toBe('other')
    expect(certificates.state().state).toBe('ok')
  })

  test('TLS 1.2 and 1.3 come in, 1.1 and plain text do not', async () => {
    const { listener } = await listening(filesOf(one))
    const versions = ['TLSv1.2', 'TLSv1.3'] as const
    for (const version of versions) {
      const socket = await connected(listener.port, { minVersion: version, maxVersion: version })
      expect(socket.getProtocol()).toBe(version)
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    await expect(connected(listener.port, old)).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    })
    const plain = createConnection({ host: '127.0.0.1', port: listener.port })
    plain.on('error', () => undefined)
    plain.write('GET / HTTP/1.0\r\n\r\n')
    await once(plain, 'close')
  })

  test('handshakes under way are bounded, and end when nothing more is accepted', async () => {
    const { listener } = await listening(filesOf(one))
    const silent = [1, 2].map(() => createConnection({ host: '127.0.0.1', port: listener.port }))
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    const third = createConnection({ host: '127.0.0.1', port: listener.port })
    third.on('error', () => undefined)
    await once(third, 'close')
    expect(silent.map(({ closed }) => closed)).toEqual([false, false])
    const closed = silent.map((socket) =>
      once(
        socket.on('error', () => undefined),
        'close',
      ),
    )
    await listener.stopAccepting()
    await Promise.all(closed)
  })
})

import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type CertificateFiles,
  certificateState,
  openCertificates,
  readMaterial,
} from '../../app/certificates/index.ts'
import { processSamples } from '../../app/metrics/process.ts'
import { derElements } from '../../app/certificates/der.ts'
import { createHttp, listenTls, type TlsMaterial } from '../../app/doors/tls.ts'
import type { LogFields } from '../../domain/index.ts'
import type { ClientCertificate } from '../../gateway/index.ts'
import { collectingLog } from '../gateway/harness.ts'
import { undoAll, undoLater, until } from '../gateway/raw-client.ts'
import { type MadeCertificate, TestAuthority } from '../support/certificates.ts'
import { missingProgram } from '../support/services.ts'
import { StepClock } from '../support/step-clock.ts'

const missing = missingProgram('openssl', 'openssl')
const LOOK_MS = 30_000

/** What a listener saw of each connection. */
type Seen = (ClientCertificate | undefined)[]
interface Listening {
  readonly port: number
  renew(material: TlsMaterial): void
}

/** What the metrics say of the certificates in these files, by which people are called. */
async function usable(files: CertificateFiles): Promise<number | undefined> {
  const parts = { clock: new StepClock(Date.now()), log: collectingLog([]) }
  const samples = await processSamples(await openCertificates(files, parts))()
  return samples.find(({ name }) => name === 'isotherm_certificate_usable')?.value
}

async function listenMqtt(material: TlsMaterial, seen: Seen): Promise<Listening> {
  const listener = await listenTls({
    host: '127.0.0.1',
    port: 0,
    material,
    admits: () => true,
    handshakesMax: 10,
    onSocket: (socket, certificate) => {
      seen.push(certificate)
      socket.on('error', () => undefined)
      socket.end('hello')
    },
  })
  undoLater(() => listener.stopAccepting())
  return listener
}

async function listenHttp(material: TlsMaterial, seen: Seen): Promise<Listening> {
  const http = createHttp(
    (request, answer) => {
      seen.push(http.certificateOf(request.socket))
      answer.end('hello')
    },
    { material, isUpgrade: () => false, asksClients: true },
  )
  http.server.listen(0, '127.0.0.1')
  await once(http.server, 'listening')
  undoLater(() => http.server.close())
  return {
    port: (http.server.address() as AddressInfo).port,
    renew: (renewed) => {
      http.renew(renewed)
    },
  }
}

/** The list with another tag where its algorithm begins: who looks at issuer and end alone does not see it. */
function brokenInside(pem: string): string {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const [whole] = derElements(der) ?? []
  const [, algorithm] = derElements(whole?.body ?? der) ?? []
  if (algorithm === undefined) throw new Error('the list is none')
  der[algorithm.body.byteOffset - der.byteOffset - 2] = 0x31
  return `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`
}

describe.skipIf(missing !== undefined)('revocation lists', () => {
  let authority: TestAuthority
  let server: MadeCertificate
  let one: MadeCertificate
  let other: MadeCertificate
  beforeAll(() => {
    authority = new TestAuthority()
    server = authority.make('server')
    one = authority.make('one')
    other = authority.make('other')
  })
  afterAll(() => authority.remove())
  afterEach(undoAll)

  function filesWith(list: string): CertificateFiles {
    const own = { tls_certificate: server.certificate, tls_key: server.key }
    return { ...own, tls_client_ca: authority.certificate, tls_client_crl: list }
  }

  /** Connects, sends a request and hears the answer out: did it go on with a session, and with which may the next? */
  async function call(port: number, made: MadeCertificate, more: object = {}) {
    const shown = { cert: readFileSync(made.certificate), key: readFileSync(made.key) }
    const socket = connect({ host: '127.0.0.1', port, ca: authority.pem, ...shown, ...more })
    undoLater(() => socket.destroy())
    let session: Buffer | undefined
    socket.on('session', (given: Buffer) => (session = given))
    socket.resume().end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    await once(socket, 'secureConnect')
    const isReused = socket.isSessionReused()
    await once(socket, 'close')
    return { isReused, session }
  }

  describe.each([
    ['MQTT', listenMqtt],
    ['HTTP', listenHttp],
  ])('over %s', (_, listen) => {
    test.each(['TLSv1.2', 'TLSv1.3'] as const)(
      '%s: who is on the list is not trusted, others are',
      async (version) => {
        const seen: Seen = []
        const material = await readMaterial(filesWith(authority.revoke([one])))
        const { port } = await listen(material, seen)
        const versions = { minVersion: version, maxVersion: version }
        await call(port, one, versions)
        await call(port, other, versions)
        expect(seen).toEqual([
          { trusted: false, why: 'CERT_REVOKED' },
          { trusted: true, name: 'other' },
        ])
      },
    )

    test('a renewed list counts within a look, also for a session that is gone on with', async () => {
      const list = join(authority.folder, 'now.crl')
      copyFileSync(authority.revoke([]), list)
      const clock = new StepClock(Date.now())
      const certificates = await openCertificates(filesWith(list), { clock, log: collectingLog([]) })
      const stop = new AbortController()
      void certificates.follow(stop.signal)
      undoLater(() => stop.abort())
      const seen: Seen = []
      const listening = await listen(certificates.material, seen)
      const { port } = listening
      certificates.onRenewed((renewed) => {
        listening.renew(renewed)
      })
      const { session } = await call(port, one)
      expect((await call(port, one, { session })).isReused).toBe(true)
      copyFileSync(authority.revoke([one]), list)
      await clock.advance(LOOK_MS)
      await until(() => clock.sleeping === 1)
      expect((await call(port, one, { session })).isReused).toBe(false)
      expect(seen).toEqual([
        { trusted: true, name: 'one' },
        { trusted: true, name: 'one' },
        { trusted: false, why: 'CERT_REVOKED' },
      ])
    })

    test('while a list is overdue no certificate is trusted, and the state says so', async () => {
      const seen: Seen = []
      const material = await readMaterial(filesWith(authority.revoke([], { overdue: true, file: 'old' })))
      const { port } = await listen(material, seen)
      await call(port, one)
      expect(seen).toEqual([{ trusted: false, why: 'CRL_HAS_EXPIRED' }])
      expect(certificateState(material, Date.now())).toMatchObject({
        state: 'bad',
        isValid: true,
        found: expect.stringContaining(
          'a list of revoked certificates was due on 2026-02-01T00:00:00Z',
        ) as string,
      })
      expect(certificateState(material, Date.UTC(2026, 1, 1) - 1).found).not.toContain('list')
      expect(await usable(filesWith(authority.revoke([], { overdue: true, file: 'old' })))).toBe(0)
      expect(await usable(filesWith(authority.revoke([])))).toBe(1)
    })
  })

  test('of several authorities each has its list in the file', async () => {
    const second = new TestAuthority('second authority')
    undoLater(() => {
      second.remove()
    })
    const both = join(authority.folder, 'both.pem')
    writeFileSync(both, authority.pem + second.pem)
    const lists = [authority.revoke([one]), second.revoke([])].map((path) => readFileSync(path, 'utf8'))
    const list = join(authority.folder, 'both.crl')
    writeFileSync(list, lists.join('text between\n'))
    const seen: Seen = []
    const { port } = await listenMqtt(await readMaterial({ ...filesWith(list), tls_client_ca: both }), seen)
    for (const made of [one, other, second.make('third')]) await call(port, made)
    expect(seen.map((each) => each?.trusted)).toEqual([false, true, true])
    const half = filesWith(authority.revoke([]))
    await expect(readMaterial({ ...half, tls_client_ca: both })).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringContaining('holds no list of CN=second authority') as string,
    })
  })

  test('a list whose inside is broken is refused, and in the place of a good one it is told and not taken', async () => {
    const list = join(authority.folder, 'inside.crl')
    copyFileSync(authority.revoke([]), list)
    const clock = new StepClock(Date.now())
    const lines: [LogFields, string][] = []
    const certificates = await openCertificates(filesWith(list), { clock, log: collectingLog(lines) })
    const stop = new AbortController()
    void certificates.follow(stop.signal)
    undoLater(() => stop.abort())
    const listening = await listenMqtt(certificates.material, [])
    certificates.onRenewed((renewed) => {
      listening.renew(renewed)
    })
    writeFileSync(list, brokenInside(readFileSync(authority.revoke([one]), 'utf8')))
    for (let looks = 0; looks < 3; looks += 1) {
      await clock.advance(LOOK_MS)
      await until(() => clock.sleeping === 1)
    }
    expect(certificates.state()).toMatchObject({ state: 'bad', isValid: true })
    expect(lines.map(([, message]) => message)).toContain(
      'the certificate files cannot be used; what was read before goes on',
    )
    await expect(readMaterial(filesWith(list))).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringMatching(/tls_client_crl names .*inside.crl, which cannot be used/) as string,
    })
  })

  test.each([
    ['no list', 'nothing', 'holds no list'],
    [
      'a list that is cut off',
      '-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n',
      'holds a broken list',
    ],
  ])('%s is refused with setting, file and remedy', async (_, text, what) => {
    const path = join(authority.folder, 'wrong.crl')
    writeFileSync(path, text)
    await expect(readMaterial(filesWith(path))).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringMatching(new RegExp(`tls_client_crl names .*wrong.crl, which ${what}`)) as string,
    })
  })
})

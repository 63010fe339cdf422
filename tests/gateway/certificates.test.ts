import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { generate, parser } from 'mqtt-packet'
import mqtt, { type IClientOptions } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { listenTls } from '../../app/doors/tls.ts'
import { type MadeCertificate, TestAuthority } from '../support/certificates.ts'
import { missingProgram } from '../support/services.ts'
import { readingsOf, secretOf, sha256, startGateway } from './harness.ts'
import { connectPacket, publishPacket, undoAll, undoLater, until } from './raw-client.ts'

const missing = missingProgram('openssl', 'openssl') ?? missingProgram('mosquitto_pub', 'mosquitto-clients')
const run = promisify(execFile)

describe.skipIf(missing !== undefined)('certificates of devices', () => {
  let authority: TestAuthority
  let foreign: TestAuthority
  let server: MadeCertificate
  let good: MadeCertificate
  beforeAll(() => {
    authority = new TestAuthority()
    foreign = new TestAuthority('another authority')
    server = authority.make('server')
    good = authority.make('good')
  })
  afterAll(() => {
    authority.remove()
    foreign.remove()
  })
  afterEach(undoAll)

  /** A gateway behind TLS that asks for certificates of the authority. */
  async function startSecure() {
    const parts = await startGateway()
    const listener = await listenTls({
      host: '127.0.0.1',
      port: 0,
      material: {
        certificate: readFileSync(server.certificate),
        key: readFileSync(server.key),
        clientAuthorities: readFileSync(authority.certificate),
      },
      admits: (address) => parts.gateway.admits(address),
      handshakesMax: 10,
      onSocket: (socket, certificate) => {
        const road = { channel: 'mqtt', address: socket.remoteAddress ?? '' } as const
        parts.gateway.handle(socket, certificate === undefined ? road : { ...road, certificate })
      },
    })
    undoLater(() => listener.stopAccepting())
    return { ...parts, tlsPort: listener.port }
  }

  function shown({ certificate, key }: MadeCertificate): { cert: Buffer; key: Buffer } {
    return { cert: readFileSync(certificate), key: readFileSync(key) }
  }

  async function connected(port: number, options: IClientOptions): Promise<mqtt.MqttClient> {
    const all = { ca: readFileSync(authority.certificate), reconnectPeriod: 0, ...options }
    const client = await mqtt.connectAsync(`mqtts://127.0.0.1:${port}`, all)
    undoLater(() => client.end(true))
    return client
  }

  test('mosquitto_pub signs in with its certificate alone, with and without a user name', async () => {
    const { tlsPort, log, refusals } = await startSecure()
    const where = ['-h', '127.0.0.1', '-p', String(tlsPort), '--cafile', authority.certificate]
    const what = ['--cert', good.certificate, '--key', good.key, '-q', '1', '-t', readingsOf('good')]
    await run('mosquitto_pub', [...where, ...what, '-m', 'one'])
    await run('mosquitto_pub', [...where, ...what, '-u', 'good', '-m', 'two'])
    expect(log.records.map(({ deviceId, payload }) => [deviceId, Buffer.from(payload).toString()])).toEqual([
      ['good', 'one'],
      ['good', 'two'],
    ])
    expect(refusals).toEqual([])
  })

  test('a secret does as before on the same port, and a wrong one is wrong beside a certificate too', async () => {
    const { tlsPort, refusals } = await startSecure()
    await connected(tlsPort, { username: 'bad', password: secretOf('bad') })
    await connected(tlsPort, { ...shown(good), username: 'good', password: secretOf('good') })
    const wrong = connected(tlsPort, { ...shown(good), username: 'good', password: 'guess' })
    await expect(wrong).rejects.toMatchObject({ code: 4 })
    expect(refusals).toEqual([['good', 'wrong-secret']])
  })

  test('the certificate of one device opens no other, not even with its secret', async () => {
    const { tlsPort, refusals } = await startSecure()
    await expect(connected(tlsPort, { ...shown(good), username: 'bad' })).rejects.toMatchObject({ code: 5 })
    const both = { ...shown(good), username: 'bad', password: secretOf('bad') }
    await expect(connected(tlsPort, both)).rejects.toMatchObject({ code: 5 })
    expect(refusals).toEqual([
      ['bad', 'certificate-mismatch'],
      ['bad', 'certificate-mismatch'],
    ])
  })

  test('what was sent before a mistake is acknowledged before it closes', async () => {
    const { tlsPort, log, refusals } = await startSecure()
    log.mode = 'held'
    const socket = connect({ host: '127.0.0.1', port: tlsPort, ca: readFileSync(authority.certificate) })
    undoLater(() => socket.destroy())
    const numbers: (number | undefined)[] = []
    const packets = parser({ protocolVersion: 4 })
    packets.on('packet', ({ messageId }) => numbers.push(messageId))
    socket.on('data', (data: Buffer) => packets.parse(data))
    const good = Array.from({ length: 100 }, (_, nth) => publishPacket(readingsOf('good'), 'x', 1, nth + 1))
    const all = [connectPacket('good', secretOf('good')), ...good, publishPacket('elsewhere', 'x', 1, 999)]
    socket.write(Buffer.concat(all.map((each) => generate(each))))
    await until(() => refusals.length === 1 && log.held.length === 100)
    log.release()
    await once(socket, 'close')
    expect(numbers).toEqual([undefined, ...Array.from({ length: 100 }, (_, nth) => nth + 1)])
  })

  test('a certificate for a name nobody registered lets nobody in', async () => {
    const { tlsPort, refusals } = await startSecure()
    const client = connected(tlsPort, shown(authority.make('nobody')))
    await expect(client).rejects.toMatchObject({ code: 4 })
    expect(refusals).toEqual([[undefined, 'unknown-device']])
  })

  test('a revoked device is put out at once and stays out, however valid its certificate', async () => {
    const { tlsPort, policies, refusals } = await startSecure()
    const client = await connected(tlsPort, shown(good))
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    policies.set({ id: 'good', state: 'revoked', secretSha256: sha256(secretOf('good')) })
    await closed
    await expect(connected(tlsPort, shown(good))).rejects.toMatchObject({ code: 5 })
    expect(refusals).toEqual([
      ['good', 'device-revoked'],
      ['good', 'device-revoked'],
    ])
  })

  test.each<[string, () => MadeCertificate, string]>([
    ['of an unknown authority', () => foreign.make('good'), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['that has expired', () => authority.make('good', { days: -1, file: 'late' }), 'CERT_HAS_EXPIRED'],
  ])('a certificate %s is closed unheard, even beside the right secret', async (_, make, why) => {
    const { tlsPort, gateway, refusals, lines } = await startSecure()
    const secret = { username: 'good', password: secretOf('good') }
    const client = mqtt.connect(`mqtts://127.0.0.1:${tlsPort}`, {
      ca: readFileSync(authority.certificate),
      reconnectPeriod: 0,
      ...shown(make()),
      ...secret,
    })
    client.on('error', () => undefined)
    await new Promise<void>((resolve) => client.once('close', () => resolve()))
    expect(refusals).toEqual([[undefined, 'untrusted-certificate']])
    expect(lines).toContainEqual([{ reason: why }, 'a certificate is not trusted'])
    expect(gateway.stats().connections).toBe(0)
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a resumed session opens no more than its first: %s',
    async (version) => {
      const { tlsPort, refusals } = await startSecure()
      const versions = { minVersion: version, maxVersion: version }
      const sessionOf = async (more: object): Promise<Buffer> => {
        const ca = readFileSync(authority.certificate)
        const socket = connect({ host: '127.0.0.1', port: tlsPort, ca, ...versions, ...more })
        undoLater(() => socket.destroy())
        const [session] = (await once(socket, 'session')) as [Buffer]
        return session
      }
      // without any certificate the platform calls a resumed session of TLS 1.3 authorised
      const nobody = { ...versions, session: await sessionOf({}), username: 'good' } as IClientOptions
      await expect(connected(tlsPort, nobody)).rejects.toMatchObject({ code: 4 })
      const certified = { ...versions, session: await sessionOf(shown(good)) } as IClientOptions
      await connected(tlsPort, { ...certified, username: 'good' })
      await expect(connected(tlsPort, { ...certified, username: 'bad' })).rejects.toMatchObject({ code: 5 })
      expect(refusals).toEqual([
        ['good', 'wrong-secret'],
        ['bad', 'certificate-mismatch'],
      ])
    },
  )
})

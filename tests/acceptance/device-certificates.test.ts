import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MadeCertificate, TestAuthority } from '../support/certificates.ts'
import { IsothermFolder, type RunningIsotherm, waitFor } from '../support/isotherm.ts'
import { missingProgram } from '../support/services.ts'

// Devices that show certificates over HTTPS and WebSocket, to a whole server, with clients that others have written.

const missing =
  missingProgram('openssl', 'openssl') ??
  missingProgram('mosquitto_pub', 'mosquitto-clients') ??
  missingProgram('curl', 'curl')
const run = promisify(execFile)

describe.skipIf(missing !== undefined)('certificates of devices', () => {
  const folder = new IsothermFolder()
  let authority: TestAuthority
  let list: string
  let running: RunningIsotherm
  beforeAll(async () => {
    authority = new TestAuthority()
    list = authority.revoke([])
    const { certificate, key } = authority.make('gateway.example')
    running = await folder.start(['start'], {
      ISOTHERM_TLS_CERTIFICATE: certificate,
      ISOTHERM_TLS_KEY: key,
      ISOTHERM_TLS_CLIENT_CA: authority.certificate,
      ISOTHERM_TLS_CLIENT_CRL: list,
      ISOTHERM_HTTP_TLS: 'true',
      ISOTHERM_HTTP_DEVICES_PORT: '0',
    })
    await folder.demoSite()
  })
  afterAll(async () => {
    await folder.remove()
    authority.remove()
  })

  async function stored(device: string): Promise<unknown> {
    const { readings } = await folder.json(['device', 'balance', device])
    return (readings as { stored: number }).stored
  }

  test('the same over HTTPS and WebSocket, on the port of devices; people are not asked on theirs', async () => {
    await folder.json(['device', 'create', 'fridge-5', '--site', 'clinic', '--simulated'])
    const made = authority.make('fridge-5')
    const stranger = new TestAuthority('another authority')
    const strange = stranger.make('fridge-5')
    const port = running.httpDevicesPort
    const post = async (
      { certificate, key: keyFile }: MadeCertificate,
      ...more: string[]
    ): Promise<string> => {
      const body = ['-H', 'Content-Type: application/json', '-d', '{"seq":5,"temperature":4.5}']
      const who = ['--cert', certificate, '--key', keyFile, '-o', '/dev/null', '-w', '%{http_code}']
      const url = `https://localhost:${port}/api/v1/ingest/readings`
      const { stdout } = await run('curl', [
        '-sS',
        '--cacert',
        authority.certificate,
        ...who,
        ...more,
        ...body,
        url,
      ])
      return stdout
    }
    expect(await post(made)).toBe('202')
    expect(await post(made, '-u', 'fridge-1:secret')).toBe('401')
    expect(await post(strange)).toBe('401')
    const connected = (who: MadeCertificate): Promise<mqtt.MqttClient> => {
      const [cert, key] = [readFileSync(who.certificate), readFileSync(who.key)]
      const ca = readFileSync(authority.certificate)
      const options = { ca, cert, key, reconnectPeriod: 0 }
      // a connection that closes is told as an error, too
      return mqtt.connectAsync(`wss://localhost:${port}/mqtt`, options, false)
    }
    const client = await connected(made)
    await client.publishAsync('isotherm/v1/fridge-5/readings', '{"seq":6,"temperature":4.6}', { qos: 1 })
    await waitFor(async () => (await stored('fridge-5')) === 2, 5_000)
    await expect(connected(strange)).rejects.toBeInstanceOf(Error)
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    await folder.json(['device', 'revoke', 'fridge-5', '--reason', 'stolen'])
    await closed
    expect(await post(made)).toBe('401')
    await expect(connected(made)).rejects.toMatchObject({ code: 5 })
    stranger.remove()

    const asked = async (of: number): Promise<boolean> => {
      const where = ['s_client', '-connect', `localhost:${of}`, '-CAfile', authority.certificate]
      const shaking = run('openssl', where)
      shaking.child.stdin?.end()
      return (await shaking).stdout.includes('Acceptable client certificate CA names')
    }
    expect([await asked(port), await asked(running.httpPort)]).toEqual([true, false])
  })

  test('a certificate on a renewed list of revoked ones is refused on every road', {
    timeout: 60_000,
  }, async () => {
    await folder.json(['device', 'create', 'fridge-6', '--site', 'clinic', '--simulated'])
    const made = authority.make('fridge-6')
    const who = ['--cert', made.certificate, '--key', made.key]
    const where = ['-h', 'localhost', '-p', String(running.mqttTlsPort), '--cafile', authority.certificate]
    const what = ['-q', '1', '-t', 'isotherm/v1/fridge-6/readings', '-m', '{"temperature":4}']
    const publish = () => run('mosquitto_pub', [...where, ...who, ...what])
    const post = async (): Promise<string> => {
      const body = ['-H', 'Content-Type: application/json', '-d', '{"temperature":4}']
      const url = `https://localhost:${running.httpDevicesPort}/api/v1/ingest/readings`
      const told = ['-o', '/dev/null', '-w', '%{http_code}']
      return (await run('curl', ['-sS', '--cacert', authority.certificate, ...who, ...told, ...body, url]))
        .stdout
    }
    await publish()
    expect(await post()).toBe('202')
    // in the place of the list before
    expect(authority.revoke([made])).toBe(list)
    await waitFor(async () => (await post()) === '401', 45_000)
    await expect(publish()).rejects.toMatchObject({ code: expect.any(Number) as number })
  })
})

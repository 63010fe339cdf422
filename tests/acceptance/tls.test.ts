import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import mqtt from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MadeCertificate, TestAuthority } from '../support/certificates.ts'
import { IsothermFolder, type RunningIsotherm, waitFor } from '../support/isotherm.ts'
import { missingProgram } from '../support/services.ts'

const missing =
  missingProgram('openssl', 'openssl') ??
  missingProgram('mosquitto_pub', 'mosquitto-clients') ??
  missingProgram('curl', 'curl')
const run = promisify(execFile)

describe.skipIf(missing !== undefined)('TLS', () => {
  const folder = new IsothermFolder()
  let authority: TestAuthority
  let server: MadeCertificate
  let running: RunningIsotherm
  let secret: string
  let key: string
  beforeAll(async () => {
    authority = new TestAuthority()
    server = authority.make('gateway.example')
    running = await folder.start(['start'], settings(server))
    await folder.demoSite()
    const made = await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
    secret = String(made['secret'])
    key = String((await folder.json(['key', 'create', 'reader', '--role', 'viewer']))['key'])
  })
  afterAll(async () => {
    await folder.remove()
    authority.remove()
  })

  function settings({ certificate, key: keyFile }: MadeCertificate): NodeJS.ProcessEnv {
    return {
      ISOTHERM_TLS_CERTIFICATE: certificate,
      ISOTHERM_TLS_KEY: keyFile,
      ISOTHERM_TLS_CLIENT_CA: authority.certificate,
      ISOTHERM_HTTP_TLS: 'true',
    }
  }

  /** curl over HTTPS, which checks the certificate against the authority. */
  async function curl(path: string, ...more: string[]): Promise<string> {
    const url = `https://localhost:${running.httpPort}${path}`
    const { stdout } = await run('curl', ['-sS', '--cacert', authority.certificate, ...more, url])
    return stdout
  }

  async function readings(device = 'fridge-1'): Promise<unknown> {
    const bearer = ['-H', `Authorization: Bearer ${key}`]
    const answer = await curl(`/api/v1/readings?sensor=${device}/main`, ...bearer)
    const { items } = JSON.parse(answer) as { items: { seq: number; temperature: number }[] }
    return items.map(({ seq, temperature }) => [seq, temperature])
  }

  test('mosquitto_pub and mqtt.js publish over TLS, curl reads over HTTPS', async () => {
    const topic = 'isotherm/v1/fridge-1/readings'
    const where = ['-h', 'localhost', '-p', String(running.mqttTlsPort), '--cafile', authority.certificate]
    const who = ['-u', 'fridge-1', '-P', secret]
    const what = ['-q', '1', '-t', topic, '-m', '{"seq":1,"temperature":4.21}']
    await run('mosquitto_pub', [...where, ...who, ...what])
    const client = await mqtt.connectAsync(`mqtts://localhost:${running.mqttTlsPort}`, {
      ca: readFileSync(authority.certificate),
      username: 'fridge-1',
      password: secret,
    })
    await client.publishAsync(topic, '{"seq":2,"temperature":4.22}', { qos: 1 })
    await client.endAsync()
    await waitFor(async () => JSON.stringify(await readings()) === '[[1,4.21],[2,4.22]]', 5_000)
  })

  test('mqtt.js publishes over WebSocket, through TLS and on the port of HTTP', async () => {
    const made = await folder.json(['device', 'create', 'fridge-3', '--site', 'clinic', '--simulated'])
    const client = await mqtt.connectAsync(`wss://localhost:${running.httpPort}/mqtt`, {
      ca: readFileSync(authority.certificate),
      username: 'fridge-3',
      password: String(made['secret']),
    })
    await client.publishAsync('isotherm/v1/fridge-3/readings', '{"seq":3,"temperature":4.3}', { qos: 1 })
    await client.endAsync()
    await waitFor(async () => JSON.stringify(await readings('fridge-3')) === '[[3,4.3]]', 5_000)
  })

  test('a certificate with the id of a device lets it in without a secret, until it is revoked', async () => {
    await folder.json(['device', 'create', 'fridge-2', '--site', 'clinic', '--simulated'])
    const { certificate, key: keyFile } = authority.make('fridge-2')
    const where = ['-h', 'localhost', '-p', String(running.mqttTlsPort), '--cafile', authority.certificate]
    const who = ['--cert', certificate, '--key', keyFile]
    const what = ['-q', '1', '-t', 'isotherm/v1/fridge-2/readings', '-m', '{"temperature":4}']
    await run('mosquitto_pub', [...where, ...who, ...what])
    await folder.json(['device', 'revoke', 'fridge-2', '--reason', 'stolen'])
    const again = run('mosquitto_pub', [...where, ...who, ...what])
    await expect(again).rejects.toMatchObject({ stderr: expect.stringContaining('refused') as string })
  })

  test('what a device says of itself, and its last will, stand beside it in the list', async () => {
    const topic = 'isotherm/v1/fridge-1/status'
    const client = await mqtt.connectAsync(`mqtts://localhost:${running.mqttTlsPort}`, {
      ca: readFileSync(authority.certificate),
      username: 'fridge-1',
      password: secret,
      reconnectPeriod: 0,
      will: { topic, payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: false },
    })
    const status = { state: 'online', firmware: '2.4.1', signal: -71, clock: true }
    await client.publishAsync(topic, JSON.stringify(status), { qos: 1 })
    const bearer = ['-H', `Authorization: Bearer ${key}`]
    const said = async (): Promise<Record<string, unknown>> => {
      const { items } = JSON.parse(await curl('/api/v1/devices', ...bearer)) as {
        items: Record<string, unknown>[]
      }
      return items.find(({ id }) => id === 'fridge-1')?.['lastStatus'] as Record<string, unknown>
    }
    await waitFor(async () => (await said())?.['state'] === 'online', 5_000)
    const receivedAt = expect.stringMatching(/^20.*Z$/) as string
    expect(await said()).toEqual({ receivedAt, ...status })
    client.stream.destroy()
    await waitFor(async () => (await said())['state'] === 'offline', 5_000)
    expect(await said()).toEqual({ receivedAt, state: 'offline', firmware: null, signal: null, clock: null })
    const one = JSON.parse(await curl('/api/v1/devices/fridge-1', ...bearer)) as Record<string, unknown>
    expect(one['lastStatus']).toEqual(await said())
    const { out } = await folder.run(['device', 'list'])
    expect(out).toMatch(/fridge-1 .* offline at 20/)
    expect(out).toMatch(/fridge-2 .* -\n/)
  })

  test('a client that trusts another authority sends nothing', async () => {
    const stranger = new TestAuthority('another authority')
    const where = ['-h', 'localhost', '-p', String(running.mqttTlsPort), '--cafile', stranger.certificate]
    const what = ['-u', 'fridge-1', '-P', secret, '-t', 'isotherm/v1/fridge-1/readings', '-m', '{}']
    await expect(run('mosquitto_pub', [...where, ...what])).rejects.toMatchObject({
      stderr: expect.stringContaining('TLS error') as string,
    })
    stranger.remove()
  })

  test('openssl s_client: 1.2 and 1.3 with a checked chain, 1.1 refused', async () => {
    const shaken = async (version: string): Promise<string> => {
      const where = ['-connect', `localhost:${running.mqttTlsPort}`, '-CAfile', authority.certificate]
      const client = spawn('openssl', ['s_client', ...where, version, '-verify_return_error', '-brief'], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let told = ''
      client.stdout.on('data', (part: Buffer) => (told += part.toString()))
      client.stderr.on('data', (part: Buffer) => (told += part.toString()))
      await once(client, 'close')
      return told
    }
    expect(await shaken('-tls1_2')).toMatch(/Protocol version: TLSv1\.2[\s\S]*Verification: OK/)
    expect(await shaken('-tls1_3')).toMatch(/Protocol version: TLSv1\.3[\s\S]*Verification: OK/)
    expect(await shaken('-tls1_1')).not.toContain('Protocol version')
  })

  test('cookies are for https alone, browsers are told to stay there, and /readyz tells until when', async () => {
    const login = JSON.stringify({ username: 'admin', password: 'only-for-tests-1' })
    const json = ['-H', 'Content-Type: application/json', '-d', login]
    const headers = await curl('/api/v1/login', '-i', ...json)
    expect(headers).toMatch(/set-cookie: .*; Secure/i)
    expect(headers).toMatch(/strict-transport-security: max-age=/i)
    const { parts } = JSON.parse(await curl('/readyz')) as { parts: Record<string, string> }
    expect(parts['certificate']).toMatch(/^valid until 20\d\d-\d\d-\d\dT/)
  })

  test('doctor reaches HTTPS, and says until when the certificate holds', async () => {
    const env = { ...settings(server), ISOTHERM_HTTP_PORT: String(running.httpPort) }
    const { code, out } = await folder.run(['doctor'], env)
    expect(out).toMatch(/HTTP +ok +https:\/\/127\.0\.0\.1:\d+\/readyz is ready/)
    expect(out).toMatch(/TLS certificate +ok +valid until 20/)
    expect(code).toBe(0)
    const expired = await folder.run(['doctor'], { ...env, ...settings(authority.make('old', { days: -1 })) })
    expect(expired.out).toMatch(/TLS certificate +bad +expired since 20[\s\S]*Renew it/)
    expect(expired.code).toBe(1)
  })

  test('an identity that is used twice is named by the doctor', { timeout: 60_000 }, async () => {
    const who = { username: 'fridge-1', password: secret, clientId: 'twin', reconnectPeriod: 0 }
    for (let nth = 0; nth < 22; nth += 1) {
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${running.mqttPort}`, who)
      client.on('error', () => undefined)
    }
    const env = { ...settings(server), ISOTHERM_HTTP_PORT: String(running.httpPort) }
    const told = async (): Promise<string> => (await folder.run(['doctor'], env)).out
    await waitFor(async () => (await told()).includes('contested within a day: fridge-1'), 30_000)
    expect(await told()).toMatch(/identities +bad/)
  })

  test('a start with the key of another certificate ends with 2 and says so', async () => {
    const mixed = { certificate: server.certificate, key: authority.make('other').key }
    const elsewhere = new IsothermFolder()
    const { code, err } = await elsewhere.run(['start'], settings(mixed))
    await elsewhere.remove()
    expect([code, err]).toEqual([2, expect.stringContaining('does not belong to the first certificate')])
  })

  test('with an expired certificate it runs, and says that it is not ready', {
    timeout: 60_000,
  }, async () => {
    const elsewhere = new IsothermFolder()
    const old = authority.make('expired', { days: -1 })
    const started = await elsewhere.start(['start'], settings(old))
    const url = `https://127.0.0.1:${started.httpPort}/readyz`
    const { stdout } = await run('curl', ['-sSk', '-w', ' %{http_code}', url])
    await elsewhere.remove()
    expect(stdout).toMatch(/Not ready: .*certificate expired since 20.* 503$/)
  })

  test('it stops cleanly while devices are connected by every road', async () => {
    const who = {
      username: 'fridge-1',
      password: secret,
      ca: readFileSync(authority.certificate),
      reconnectPeriod: 0,
    }
    const roads = [
      `mqtt://127.0.0.1:${running.mqttPort}`,
      `mqtts://localhost:${running.mqttTlsPort}`,
      `wss://localhost:${running.httpPort}/mqtt`,
    ]
    const clients = await Promise.all(roads.map((road) => mqtt.connectAsync(road, who)))
    const closed = clients.map(
      (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
    )
    expect(await running.stop()).toBe(0)
    await Promise.all(closed)
  })
})

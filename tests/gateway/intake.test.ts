import { afterEach, describe, expect, test } from 'vitest'
import { Problem } from '../../domain/index.ts'
import { readBasic } from '../../gateway/credentials.ts'
import { readingsOf, secretOf, sha256, startGateway } from './harness.ts'
import { pause, undoAll, until } from './raw-client.ts'

afterEach(undoAll)

/** An `Authorization` header of HTTP Basic. */
function basic(deviceId: string, secret = secretOf(deviceId)): string {
  return `Basic ${Buffer.from(`${deviceId}:${secret}`).toString('base64')}`
}

/** Id and secret read from a header. */
function pair(header: string | undefined): [string, string] | undefined {
  const found = readBasic(header)
  return found && [found.deviceId, Buffer.from(found.secret).toString()]
}

const body = Buffer.from('{"temperature":4.2}')

describe('readings over HTTP', () => {
  test('202 with the index, only once the record is durable', async () => {
    const { gateway, log } = await startGateway()
    log.mode = 'held'
    let answered = false
    const answer = gateway.takeReadings({ authorization: basic('good'), body }).finally(() => {
      answered = true
    })
    await until(() => log.held.length === 1)
    await pause(30)
    expect(answered).toBe(false)
    log.release()
    expect(await answer).toEqual({ status: 202, index: 0 })
    expect(log.records[0]).toMatchObject({
      deviceId: 'good',
      channel: 'http',
      topic: readingsOf('good'),
      qos: 1,
    })
    expect(Buffer.from(log.records[0]?.payload ?? []).toString()).toBe('{"temperature":4.2}')
    expect(gateway.stats()).toMatchObject({ journalled: 1, acknowledged: 1 })
  })

  test('a trusted certificate stands for the secret of the device it names, and for no other', async () => {
    const { gateway, log, policies, refusals } = await startGateway()
    const certificate = { trusted: true, name: 'good' } as const
    const sent = async (given: object): Promise<number> => {
      const { status } = await gateway.takeReadings({ authorization: undefined, body, certificate, ...given })
      return status
    }
    expect(await sent({})).toBe(202)
    expect(await sent({ authorization: basic('good') })).toBe(202)
    expect(log.records.map(({ deviceId, channel }) => [deviceId, channel])).toEqual([
      ['good', 'http'],
      ['good', 'http'],
    ])
    expect(await sent({ authorization: basic('good', 'guess') })).toBe(401)
    expect(await sent({ authorization: 'Bearer something' })).toBe(401)
    expect(await sent({ authorization: basic('bad') })).toBe(401)
    expect(await sent({ certificate: { trusted: true, name: 'nobody' } })).toBe(401)
    expect(await sent({ certificate: { trusted: false, why: 'expired' } })).toBe(401)
    const untrusted = { certificate: { trusted: false, why: 'expired' } }
    expect(await sent({ ...untrusted, authorization: basic('good') })).toBe(401)
    policies.set({ id: 'good', state: 'revoked', secretSha256: sha256(secretOf('good')) })
    expect(await sent({})).toBe(401)
    expect(refusals).toEqual([
      ['good', 'wrong-secret'],
      ['good', 'wrong-secret'],
      ['bad', 'certificate-mismatch'],
      [undefined, 'unknown-device'],
      [undefined, 'untrusted-certificate'],
      ['good', 'untrusted-certificate'],
      ['good', 'device-revoked'],
    ])
  })

  test('61,440 bytes are taken; 61,441 are 413 packet-too-large', async () => {
    const { gateway, refusals } = await startGateway()
    const authorization = basic('good')
    const most = await gateway.takeReadings({ authorization, body: Buffer.alloc(61_440) })
    const more = await gateway.takeReadings({ authorization, body: Buffer.alloc(61_441) })
    expect([most.status, more.status]).toEqual([202, 413])
    expect('problem' in more && more.problem.code).toBe('payload-too-large')
    expect(refusals).toEqual([['good', 'packet-too-large']])
  })

  test.each([
    ['no credentials', undefined, undefined, 'unknown-device'],
    ['an unknown device', basic('nobody'), undefined, 'unknown-device'],
    ['a wrong secret', basic('good', 'guess'), 'good', 'wrong-secret'],
    ['another scheme', 'Bearer abc', undefined, 'unknown-device'],
    ['a revoked device', basic('bad'), 'bad', 'device-revoked'],
  ])('%s: 401', async (_name, authorization, device, reason) => {
    const { gateway, policies, refusals, log } = await startGateway()
    policies.set({ id: 'bad', state: 'revoked', secretSha256: sha256(secretOf('bad')) })
    const answer = await gateway.takeReadings({ authorization, body })
    expect(answer.status).toBe(401)
    const problem = 'problem' in answer ? answer.problem : undefined
    expect(problem).toBeInstanceOf(Problem)
    expect(problem?.code).toBe('bad-credentials')
    expect(refusals).toEqual([[device, reason]])
    expect(log.records).toEqual([])
  })

  test('an unknown device and a wrong secret are answered alike', async () => {
    const { gateway } = await startGateway()
    const answers = await Promise.all(
      [basic('nobody'), basic('good', 'guess')].map((authorization) =>
        gateway.takeReadings({ authorization, body }),
      ),
    )
    const remedies = answers.map((answer) => 'problem' in answer && answer.problem.remedy)
    expect(remedies[0]).toBe(remedies[1])
    const whats = answers.map((answer) => 'problem' in answer && answer.problem.message)
    expect(whats[0]).toBe(whats[1])
  })

  test('too much of one device under way: 429; of all devices: 503', async () => {
    const { gateway, log, refusals } = await startGateway({ limits: { deviceMessages: 1, totalMessages: 2 } })
    log.mode = 'held'
    const first = gateway.takeReadings({ authorization: basic('good'), body })
    const second = await gateway.takeReadings({ authorization: basic('good'), body })
    const third = gateway.takeReadings({ authorization: basic('bad'), body })
    const fourth = await gateway.takeReadings({ authorization: basic('bad'), body })
    expect([second.status, fourth.status]).toEqual([429, 503])
    expect(refusals).toEqual([
      ['good', 'too-many-in-flight'],
      ['bad', 'journal-unavailable'],
    ])
    log.release()
    expect((await Promise.all([first, third])).map(({ status }) => status)).toEqual([202, 202])
  })

  test('a journal that fails: 503, and the cause is kept', async () => {
    const { gateway, log, refusals } = await startGateway()
    log.mode = 'failing'
    const answer = await gateway.takeReadings({ authorization: basic('good'), body })
    expect(answer.status).toBe(503)
    expect('problem' in answer && answer.problem.cause).toMatchObject({
      message: 'The disk does not answer.',
    })
    expect(refusals).toEqual([['good', 'journal-unavailable']])
    expect(gateway.stats()).toMatchObject({ inFlightMessages: 0, inFlightBytes: 0, acknowledged: 0 })
  })

  test('before the policies are there: 503', async () => {
    const { gateway, policies } = await startGateway()
    policies.ready = false
    expect((await gateway.takeReadings({ authorization: basic('good'), body })).status).toBe(503)
  })
})

describe('HTTP Basic', () => {
  test('splits at the first colon; the scheme is case-insensitive', () => {
    expect(pair(`basic ${btoa('a:b:c')}`)).toEqual(['a', 'b:c'])
    expect(pair(`BASIC ${btoa('a:')}`)).toEqual(['a', ''])
  })

  test.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    `Basic ${btoa('no colon')}`,
    'Basic ***',
    `Basic ${'A'.repeat(600)}`,
  ])('cannot be read from %j', (header) => {
    expect(pair(header)).toBeUndefined()
  })
})

import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { openMailChannel } from '../../../alerts/index.ts'
import type { OutgoingMessage } from '../../../domain/index.ts'
import { smtpServer } from '../../../alerts/notify/mail/smtp.ts'
import { Problem } from '../../../domain/index.ts'
import { sample as httpSample } from './gateway.ts'
import { startMailServer, unencoded } from './mail-server.ts'

const sample: OutgoingMessage = { ...httpSample, channel: 'mail', to: 'li.na@cdc.example' }
const forever = new AbortController().signal
const from = '冷链 Isotherm <isotherm@cdc.example>'
let server: Awaited<ReturnType<typeof startMailServer>> | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** A channel to the server under one of its names. */
function channel(name = '127.0.0.1', scheme = 'smtp', user = '') {
  return openMailChannel({ url: `${scheme}://${user}${name}:${server?.port}`, from, timeoutMs: 5_000 })
}

describe('a mail', () => {
  test('has subject and text in UTF-8, its own Message-ID, date and sender', async () => {
    server = await startMailServer()
    expect(await channel().send(sample, forever)).toEqual({ kind: 'sent', reference: '250 queued as 4711' })
    const [mail] = server.taken
    expect([mail?.from, mail?.to, mail?.secure]).toEqual([
      'isotherm@cdc.example',
      ['li.na@cdc.example'],
      true,
    ])
    expect(mail?.text).toBe(sample.text)
    expect(unencoded(mail?.headers['subject']?.[0] ?? '')).toBe(sample.subject)
    expect(unencoded(mail?.headers['from']?.[0] ?? '')).toBe('冷链 Isotherm <isotherm@cdc.example>')
    expect(mail?.headers).toMatchObject({
      to: ['li.na@cdc.example'],
      'message-id': ['<msg-0001@cdc.example>'],
      date: ['Mon, 23 Nov 2026 19:06:00 +0000'],
      'auto-submitted': ['auto-generated'],
      'content-type': ['text/plain; charset=utf-8'],
    })
  })

  test('sent again has the same Message-ID and the same bytes', async () => {
    server = await startMailServer()
    const message = { ...sample, id: 'an id with spaces, and 汉字' }
    await channel().send(message, forever)
    await channel().send(message, forever)
    const [first, second] = server.taken
    expect(second?.raw).toBe(first?.raw)
    expect(first?.headers['message-id']?.[0]).toMatch(/^<[0-9a-f]{64}@cdc\.example>$/)
  })

  test('line breaks in names make no header and no second recipient', async () => {
    server = await startMailServer()
    const evil = 'Fridge\r\nBcc: all@evil.example\r\n\r\n1\n.\r\n'
    await channel().send({ ...sample, subject: evil, text: `${evil}RSET` }, forever)
    const [mail] = server.taken
    expect(server.taken).toHaveLength(1)
    expect(mail?.headers['subject']).toEqual(['Fridge Bcc: all@evil.example 1 .'])
    expect(mail?.headers).not.toHaveProperty('bcc')
    expect(mail?.to).toEqual(['li.na@cdc.example'])
  })

  test.each([
    'li.na@cdc.example\r\nBcc: x@evil.example',
    'li.na@cdc.example, x@evil.example',
    'li.na@cdc.example> NOTIFY=NEVER',
    '"a b"@cdc.example',
    'li.na',
    '@cdc.example',
    'a@b@cdc.example',
    '',
  ])('the recipient %j is refused before anything is sent', async (to) => {
    server = await startMailServer()
    expect(await channel().send({ ...sample, to }, forever)).toEqual({
      kind: 'refused',
      reason: 'the recipient is not a mail address',
    })
    expect(server.taken).toEqual([])
  })
})

describe('TLS', () => {
  // 127.0.0.2 is this machine as well, but not one of the names that count as it
  test('is required of any other machine: without it nothing is sent', async () => {
    server = await startMailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
    expect(await channel('127.0.0.2').send(sample, forever)).toMatchObject({ kind: 'refused' })
    expect(server.taken).toEqual([])
    expect(await channel('127.0.0.1').send(sample, forever)).toMatchObject({ kind: 'sent' })
    expect(server.taken.map(({ secure }) => secure)).toEqual([false])
  })

  test.each(['smtp', 'smtps'])('%s: the certificate of another machine is checked', async (scheme) => {
    server = await startMailServer({ secure: scheme === 'smtps' })
    const outcome = await channel('127.0.0.2', scheme).send(sample, forever)
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/certificate/i) as string })
    expect(server.taken).toEqual([])
    expect(await channel('127.0.0.1', scheme).send(sample, forever)).toMatchObject({ kind: 'sent' })
    expect(server.taken.map(({ secure }) => secure)).toEqual([true])
  })

  test('user and password of the address are used', async () => {
    server = await startMailServer({ authOptional: false })
    expect(await channel('127.0.0.1', 'smtp', 'iso:p%40ss%2Fword@').send(sample, forever)).toMatchObject({
      kind: 'sent',
    })
    expect(server.taken[0]?.user).toBe('iso')
    const refused = await channel('127.0.0.1', 'smtp', 'iso:wrong-one@').send(sample, forever)
    expect(refused).toMatchObject({ kind: 'refused' })
    expect(JSON.stringify(refused)).not.toContain('wrong-one')
  })
})

describe('what an answer means', () => {
  const answer = (responseCode: number) => Object.assign(new Error('says the server'), { responseCode })
  test.each([
    [450, 'retry'],
    [452, 'retry'],
    [550, 'refused'],
    [553, 'refused'],
  ])('%i to the recipient: %s', async (code, kind) => {
    server = await startMailServer({ onRcptTo: (_address, _session, done) => done(answer(code)) })
    const outcome = await channel().send(sample, forever)
    expect(outcome).toMatchObject({ kind, reason: expect.stringContaining('says the server') as string })
    expect(JSON.stringify(outcome)).not.toContain(sample.to)
  })

  test.each([
    [451, 'retry'],
    [554, 'refused'],
  ])('%i to the text: %s', async (code, kind) => {
    server = await startMailServer({
      onData: (stream, _session, done) => void stream.resume().on('end', () => done(answer(code))),
    })
    expect(await channel().send(sample, forever)).toMatchObject({ kind })
  })

  test('421 as greeting: retry', async () => {
    server = await startMailServer({ onConnect: (_session, done) => done(answer(421)) })
    expect(await channel().send(sample, forever)).toMatchObject({ kind: 'retry' })
  })
})

describe('no answer', () => {
  test('a closed port is tried again', async () => {
    server = await startMailServer()
    const closed = channel()
    await server.close()
    server = undefined
    expect(await closed.send(sample, forever)).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('ECONNREFUSED') as string,
    })
  })

  test('a silent server is left after the time-out, and at once when we stop', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const late = openMailChannel({ url, from, timeoutMs: 100 })
    expect(await late.send(sample, forever)).toEqual({
      kind: 'retry',
      reason: 'the mail server was not done within 0.1 s',
    })
    const stop = new AbortController()
    const sending = openMailChannel({ url, from }).send(sample, stop.signal)
    setTimeout(() => stop.abort(), 50)
    expect((await sending).kind).toBe('retry')
    await new Promise((resolve) => silent.close(resolve))
  })
})

describe('the address of the server', () => {
  const remote = { minVersion: 'TLSv1.2', rejectUnauthorized: true }
  const local = { minVersion: 'TLSv1.2', rejectUnauthorized: false }
  test.each([
    [
      'smtps://u%40x:p%3A@mail.example',
      {
        host: 'mail.example',
        port: 465,
        secure: true,
        requireTLS: false,
        tls: remote,
        auth: { user: 'u@x', pass: 'p:' },
      },
    ],
    [
      'smtp://mail.example',
      { host: 'mail.example', port: 587, secure: false, requireTLS: true, tls: remote },
    ],
    [
      'smtp://mail.example:2525/',
      { host: 'mail.example', port: 2525, secure: false, requireTLS: true, tls: remote },
    ],
    ['smtp://LocalHost', { host: 'LocalHost', port: 25, secure: false, requireTLS: false, tls: local }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, secure: false, requireTLS: false, tls: local }],
    ['smtp://[::2]', { host: '::2', port: 587, secure: false, requireTLS: true, tls: remote }],
  ])('%s', (address, found) => {
    expect(smtpServer(address)).toEqual(found)
  })

  test.each([
    'mail.example',
    'http://mail.example',
    'smtp://',
    'smtps://u:secret-one@mail.example?tls.rejectUnauthorized=false',
    'smtps://u:secret-one@mail.example#x',
    'smtps://u:secret-one@mail.example/x',
    'smtps://u:secret-one%@mail.example',
  ])('%s is refused without saying what is secret', (address) => {
    let thrown: unknown
    try {
      smtpServer(address)
    } catch (problem) {
      thrown = problem
    }
    expect(thrown).toBeInstanceOf(Problem)
    expect((thrown as Problem).message).not.toContain('secret-one')
  })

  test.each(['isotherm', 'a@b@c', 'A <a@b', 'A\r\nBcc: x@y.example <a@b.example>', '"A" <a@b.example>'])(
    'the sender %j is refused',
    (sender) => {
      expect(() => openMailChannel({ url: 'smtp://localhost', from: sender })).toThrow('smtp_from')
    },
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Configuration,
  type ConfigurationKey,
  loadConfiguration,
  secretKeys,
  secretsOf,
} from '../../app/config/index.ts'
import { openLogs } from '../../app/doors/log.ts'
import { scrubber } from '../../app/scrub.ts'
import { answerError } from '../../api/problems.ts'
import { Problem } from '../../domain/index.ts'

/** True of a text that is no part of what lines say by themselves. */
const hasMark = (text: string): boolean => /[^\w\s()-]/.test(text)

const word = fc.string({ unit: 'binary', minLength: 6, maxLength: 40 }).filter(hasMark)
const urlWord = fc.stringMatching(/^[a-z0-9]{0,8}Q[0-9]{5,20}$/)
const values = fc.record({
  admin_password: fc.string({ unit: 'binary-ascii', minLength: 8, maxLength: 200 }).filter(hasMark),
  influx_user: urlWord,
  influx_password: word,
  influx_token: word,
  sms_secret: fc.stringMatching(/^[!-~]{24,64}$/).filter((text) => !text.startsWith('whsec_')),
  metrics_token: fc.stringMatching(/^[!-~]{16,64}$/).filter(hasMark),
  sms_url: urlWord.map((token) => `https://sms.example/send?token=${token}`),
  smtp_url: fc.tuple(urlWord, word).map(([user, password]) => {
    return `smtps://${user}:${encodeURIComponent(password)}@mail.example`
  }),
  smtp_from: fc.constant('iso@mail.example'),
})

/** Ways in which a program repeats a secret in what it says. */
const ways = [
  (secret: string) => secret,
  (secret: string) => `connect ${secret}: refused`,
  (secret: string) => `in "${JSON.stringify({ given: secret })}"`,
  (secret: string) => `GET https://a.example/${encodeURIComponent(secret)}/b`,
  (secret: string) => `q=${new URLSearchParams({ a: secret }).toString()}&b`,
]

function told(configuration: Configuration, key: ConfigurationKey): string {
  const value = configuration[key]
  return typeof value === 'string' ? value : ''
}

function configured(flags: Readonly<Record<string, string>>): Configuration {
  return loadConfiguration({ environment: {}, flags: { ...flags, influx_url: 'http://influx.example' } })
}

test('no secret of the settings is ever in a line: not in fields, sentences, errors or their causes', () => {
  let written = 0
  const holds = fc.property(values, fc.constantFrom(...ways), (given, way) => {
    const configuration = configured(given)
    const lines: string[] = []
    const write = (line: string) => void lines.push(line)
    const scrub = scrubber(secretsOf(configuration))
    const { api } = openLogs({ part: 'main', level: 'debug', scrub }, { write })
    for (const key of secretKeys) {
      const text = way(told(configuration, key))
      api.debug({ reason: text, path: `a/${text}` }, text)
      const cause = new Error(text, { cause: new Error(text) })
      for (const thrown of [cause, new Problem('internal', { what: text, remedy: text, cause })])
        answerError(api, thrown, request as never, reply as never)
    }
    written += lines.length
    const said = lines.map((line) => Object.values(JSON.parse(line) as object).join('\n')).join('\n')
    const { password } = new URL(given.smtp_url)
    const secrets = [...[...secretKeys].map((key) => told(configuration, key)), decodeURIComponent(password)]
    const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)])
    expect(forms.filter((form) => said.includes(form) || lines.some((line) => line.includes(form)))).toEqual(
      [],
    )
  })
  fc.assert(holds, { numRuns: 150 })
  expect(written).toBeGreaterThan(1_000)
})

const request = { id: 'request-1', routeOptions: { url: '/x' } }
const reply = {
  request,
  code: () => reply,
  type: () => reply,
  header: () => reply,
  send: () => reply,
}

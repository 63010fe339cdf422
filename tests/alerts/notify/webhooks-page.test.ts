import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type IncidentFacts, messageFor, openHttpChannel, verifyReceipt } from '../../../alerts/index.ts'
import { messageTemplates } from '../../../domain/index.ts'
import { fetchUrl } from '../../../app/doors/network.ts'
import { sample, startGateway } from './gateway.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/webhooks.md'), 'utf8')
const [secret = ''] = /whsec_\w+/.exec(page.slice(page.indexOf('The secret of this example'))) ?? []
const [message, receipt] = [...page.matchAll(/```http\nPOST (\S+) HTTP\/1\.1\n([\s\S]*?)\n\n(.*)\n```/g)].map(
  ([, path, head = '', body = '']) => ({
    path,
    headers: Object.fromEntries(head.split('\n').map((line) => line.split(': ', 2))) as Record<
      string,
      string
    >,
    body,
  }),
)

const facts: IncidentFacts = {
  site: '城东预防接种门诊',
  place: '疫苗冰箱1',
  severity: 'alarm',
  suspected: false,
  what: { peakMilliC: 12_340, limit: { operator: '>', milliC: 8_000 } },
  sinceMs: Date.UTC(2026, 10, 23, 19, 5),
  zone: 'Asia/Shanghai',
  lots: { count: 3, anyFreezeSensitive: true },
  code: 'K7Q2',
  demo: true,
}

test('the message of the page is what a gateway gets, byte for byte', async () => {
  const gateway = await startGateway((response) => void response.writeHead(204).end())
  const clock = { nowMs: () => Number(message?.headers['webhook-timestamp']) * 1_000 }
  const written = messageFor({ template: 'incident-raised', language: 'zh', facts })
  const channel = openHttpChannel({ url: gateway.url, secret, fetch: fetchUrl, clock })
  await channel.send({ ...sample, ...written }, new AbortController().signal)
  await gateway.close()
  const [taken] = gateway.taken
  expect(taken?.path).toBe(message?.path)
  expect(taken?.body.toString()).toBe(message?.body)
  expect(taken?.headers).toMatchObject(message?.headers ?? {})
})

test('the receipt of the page is taken', () => {
  const nowMs = Number(receipt?.headers['webhook-timestamp']) * 1_000
  expect(receipt?.path).toBe('/api/v1/receipts')
  expect(verifyReceipt([secret], receipt?.headers ?? {}, Buffer.from(receipt?.body ?? ''), nowMs)).toEqual({
    message: message?.headers['webhook-id'],
    state: 'delivered',
    atMs: Date.UTC(2026, 10, 23, 19, 6, 9),
  })
})

test('the table names every template with its variables', () => {
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| [^|]+ \| ([^|]+) \|$/gm)]
  const named = rows.map(([, template, variables]) => [template, variables])
  const keys = (variables: object): string => Object.keys(variables).join(', ')
  const incident = keys(messageFor({ template: 'incident-raised', language: 'en', facts }).variables)
  const tried = { site: 'x', atMs: 0, zone: 'UTC', code: 'x', demo: false }
  const test = keys(messageFor({ template: 'test', language: 'en', facts: tried }).variables)
  const withdrawn = messageFor({ template: 'incident-withdrawn', language: 'en', facts }).variables
  const others: Readonly<Record<string, string>> = { test, 'incident-withdrawn': keys(withdrawn) }
  expect(named).toEqual(
    messageTemplates.map((template, at) => [
      template,
      others[template] ?? (at === 0 ? incident : 'the same'),
    ]),
  )
})

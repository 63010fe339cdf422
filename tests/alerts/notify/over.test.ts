import { expect, test } from 'vitest'
import { type IncidentFacts, messageFor } from '../../../alerts/index.ts'
import type { Language } from '../../../domain/index.ts'

const facts: IncidentFacts = {
  site: '东门诊',
  place: '冰箱1',
  severity: 'alarm',
  suspected: false,
  what: { peakMilliC: 7_000, limit: { operator: '>', milliC: 6_000, byLabel: true } },
  sinceMs: Date.UTC(2026, 10, 23, 19, 5),
  zone: 'Asia/Shanghai',
  lots: { count: 0, anyFreezeSensitive: false },
  code: 'K7Q2',
  demo: false,
}
const over = (language: Language, isBack: boolean, what: IncidentFacts['what'] = facts.what): string => {
  const told = { ...facts, what, backSinceMs: facts.sinceMs, isBack }
  return messageFor({ template: 'incident-over', language, facts: told }).text
}

test('what only a fact has ended is not said to be well again', () => {
  expect(over('zh', true)).toMatch(/^恢复正常 /)
  expect(over('zh', false)).toMatch(/^不再判定 /)
  expect(over('en', true)).toMatch(/^BACK IN RANGE since /)
  expect(over('en', false)).toMatch(/^NO LONGER JUDGED since /)
  expect(over('en', false, { cause: 'door' })).toMatch(/^NO LONGER JUDGED since /)
})

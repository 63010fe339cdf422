import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type IncidentFacts, type MessageInput, messageFor } from '../../../alerts/index.ts'
import { messageTemplates } from '../../../domain/index.ts'

const zhFacts: IncidentFacts = {
  site: '城东预防接种门诊',
  place: '疫苗冰箱1',
  severity: 'alarm',
  suspected: false,
  what: { peakMilliC: 12_340, limit: { operator: '>', milliC: 8_000 } },
  sinceMs: Date.UTC(2026, 10, 23, 19, 5),
  zone: 'Asia/Shanghai',
  lots: { count: 3, anyFreezeSensitive: true },
  code: 'K7Q2',
  demo: false,
}
const enFacts: IncidentFacts = { ...zhFacts, site: 'East Clinic', place: 'Fridge 1' }
const cold = { what: { peakMilliC: 1_960, limit: { operator: '<', milliC: 2_000 } } } as const
const freezing = { what: { peakMilliC: -1_200, limit: { operator: '<', milliC: 2_000 } } } as const
const back = { backSinceMs: Date.UTC(2026, 10, 23, 19, 40), isBack: true }
const testFacts = {
  site: '城东预防接种门诊',
  atMs: Date.UTC(2026, 10, 23, 1),
  zone: 'Asia/Shanghai',
  code: 'T1',
}

const written: readonly (readonly [string, MessageInput, string, string])[] = [
  [
    'raised, zh',
    { template: 'incident-raised', language: 'zh', facts: zhFacts },
    '报警 偏高 疫苗冰箱1 城东预防接种门诊',
    '报警 偏高 12.3 ℃(上限8.0 ℃) 城东预防接种门诊 疫苗冰箱1 11-24 03:05 UTC+8起 3批疫苗 编号K7Q2',
  ],
  [
    'raised, en',
    { template: 'incident-raised', language: 'en', facts: enFacts },
    'ALARM too warm Fridge 1 East Clinic',
    'ALARM: too warm 12.3 °C (limit 8.0 °C). Fridge 1, East Clinic. Since 11-24 03:05 UTC+8. 3 lots. #K7Q2',
  ],
  [
    'a suspected warning near the limit, nothing in stock, demonstration, zh',
    {
      template: 'incident-raised',
      language: 'zh',
      facts: {
        ...zhFacts,
        ...cold,
        severity: 'warning',
        suspected: true,
        lots: { count: 0, anyFreezeSensitive: false },
        demo: true,
      },
    },
    '演示 预警(疑似) 偏低 疫苗冰箱1 城东预防接种门诊',
    '演示 预警(疑似) 偏低 1.96 ℃(下限2.0 ℃) 城东预防接种门诊 疫苗冰箱1 11-24 03:05 UTC+8起 无在库记录 编号K7Q2',
  ],
  [
    'a suspected warning near the limit, one lot, demonstration, en',
    {
      template: 'incident-raised',
      language: 'en',
      facts: {
        ...enFacts,
        ...cold,
        severity: 'warning',
        suspected: true,
        lots: { count: 1, anyFreezeSensitive: true },
        demo: true,
      },
    },
    'DEMO WARNING, suspected too cold Fridge 1 East Clinic',
    'DEMO WARNING, suspected: too cold 1.96 °C (limit 2.0 °C). Fridge 1, East Clinic. Since 11-24 03:05 UTC+8. 1 lot. #K7Q2',
  ],
  [
    'worse, freezing, zh',
    { template: 'incident-worse', language: 'zh', facts: { ...zhFacts, ...freezing } },
    '报警加重 冻结风险 疫苗冰箱1 城东预防接种门诊',
    '报警加重 冻结风险 -1.2 ℃(下限2.0 ℃) 城东预防接种门诊 疫苗冰箱1 11-24 03:05 UTC+8起 3批疫苗 编号K7Q2',
  ],
  [
    'worse, freezing, en',
    { template: 'incident-worse', language: 'en', facts: { ...enFacts, ...freezing } },
    'ALARM, worse FREEZE RISK Fridge 1 East Clinic',
    'ALARM, worse: FREEZE RISK -1.2 °C (limit 2.0 °C). Fridge 1, East Clinic. Since 11-24 03:05 UTC+8. 3 lots. #K7Q2',
  ],
  [
    'again, below zero with nothing that must not freeze, zh',
    {
      template: 'incident-again',
      language: 'zh',
      facts: { ...zhFacts, ...freezing, lots: { count: 2, anyFreezeSensitive: false } },
    },
    '再次报警 偏低 疫苗冰箱1 城东预防接种门诊',
    '再次报警 偏低 -1.2 ℃(下限2.0 ℃) 城东预防接种门诊 疫苗冰箱1 11-24 03:05 UTC+8起 2批疫苗 编号K7Q2',
  ],
  [
    'again, en',
    { template: 'incident-again', language: 'en', facts: { ...enFacts, severity: 'warning' } },
    'WARNING again too warm Fridge 1 East Clinic',
    'WARNING again: too warm 12.3 °C (limit 8.0 °C). Fridge 1, East Clinic. Since 11-24 03:05 UTC+8. 3 lots. #K7Q2',
  ],
  [
    'nothing is heard, zh',
    { template: 'incident-raised', language: 'zh', facts: { ...zhFacts, what: { cause: 'silence' } } },
    '报警 无温度数据 疫苗冰箱1 城东预防接种门诊',
    '报警 无温度数据 城东预防接种门诊 疫苗冰箱1 11-24 03:05 UTC+8起 3批疫苗 编号K7Q2',
  ],
  [
    'no power, worse, en',
    { template: 'incident-worse', language: 'en', facts: { ...enFacts, what: { cause: 'power' } } },
    'ALARM, worse no mains power Fridge 1 East Clinic',
    'ALARM, worse: no mains power. Fridge 1, East Clinic. Since 11-24 03:05 UTC+8. 3 lots. #K7Q2',
  ],
  [
    'a door is closed again, en',
    {
      template: 'incident-over',
      language: 'en',
      facts: { ...enFacts, what: { cause: 'door' }, ...back },
    },
    'BACK TO NORMAL Fridge 1 East Clinic',
    'BACK TO NORMAL since 11-24 03:40 UTC+8: Fridge 1, East Clinic. Was door open. 3 lots. #K7Q2',
  ],
  [
    'heard again, zh',
    {
      template: 'incident-over',
      language: 'zh',
      facts: { ...zhFacts, what: { cause: 'silence' }, ...back },
    },
    '恢复正常 疫苗冰箱1 城东预防接种门诊',
    '恢复正常 城东预防接种门诊 疫苗冰箱1 11-24 03:40 UTC+8起 曾无温度数据 3批疫苗 编号K7Q2',
  ],
  [
    'over, zh',
    { template: 'incident-over', language: 'zh', facts: { ...zhFacts, ...back } },
    '恢复正常 疫苗冰箱1 城东预防接种门诊',
    '恢复正常 城东预防接种门诊 疫苗冰箱1 11-24 03:40 UTC+8起 曾偏高 最高12.3 ℃(上限8.0 ℃) 3批疫苗 编号K7Q2',
  ],
  [
    'over after freezing, zh',
    { template: 'incident-over', language: 'zh', facts: { ...zhFacts, ...freezing, ...back } },
    '恢复正常 疫苗冰箱1 城东预防接种门诊',
    '恢复正常 城东预防接种门诊 疫苗冰箱1 11-24 03:40 UTC+8起 曾有冻结风险 最低-1.2 ℃(下限2.0 ℃) 3批疫苗 编号K7Q2',
  ],
  [
    'over, en',
    { template: 'incident-over', language: 'en', facts: { ...enFacts, ...back } },
    'BACK IN RANGE Fridge 1 East Clinic',
    'BACK IN RANGE since 11-24 03:40 UTC+8: Fridge 1, East Clinic. Was too warm, peak 12.3 °C (limit 8.0 °C). 3 lots. #K7Q2',
  ],
  [
    'withdrawn, zh',
    { template: 'incident-withdrawn', language: 'zh', facts: { ...zhFacts, demo: true } },
    '演示 更正 疫苗冰箱1 城东预防接种门诊',
    '演示 更正 城东预防接种门诊 疫苗冰箱1 记录更正后并无异常 编号K7Q2',
  ],
  [
    'withdrawn, en',
    { template: 'incident-withdrawn', language: 'en', facts: enFacts },
    'CORRECTED Fridge 1 East Clinic',
    'CORRECTED: Fridge 1, East Clinic. By the corrected record nothing was wrong. #K7Q2',
  ],
  [
    'test, zh',
    { template: 'test', language: 'zh', facts: { ...testFacts, demo: true } },
    '【测试】演示 通知测试 城东预防接种门诊',
    '【测试】演示 通知测试 城东预防接种门诊 11-23 09:00 UTC+8 无需处置 编号T1',
  ],
  [
    'test, en',
    { template: 'test', language: 'en', facts: { ...testFacts, site: 'East Clinic', demo: false } },
    '[TEST] Notification test East Clinic',
    '[TEST] Notification test: East Clinic. 11-23 09:00 UTC+8. No action needed. #T1',
  ],
]

test.each(written)('%s', (_, input, subject, text) => {
  const { subject: gotSubject, text: gotText } = messageFor(input)
  expect([gotSubject, gotText]).toEqual([subject, text])
})

test('every template is written in both languages above', () => {
  const covered = new Set(written.map(([, { template, language }]) => `${template} ${language}`))
  expect(covered.size).toBe(messageTemplates.length * 2)
})

describe('the variables of a template', () => {
  test('say the same as the text, numbers without their unit', () => {
    expect(
      messageFor({ template: 'incident-worse', language: 'zh', facts: { ...zhFacts, ...freezing } })
        .variables,
    ).toEqual({
      mark: '',
      grade: '报警',
      suspected: '',
      state: '冻结风险',
      value: '-1.2',
      limit: '2.0',
      site: '城东预防接种门诊',
      place: '疫苗冰箱1',
      since: '11-24 03:05 UTC+8',
      lots: '3',
      code: 'K7Q2',
    })
  })

  test('carry the mark of a demonstration and the doubt', () => {
    const facts = { ...enFacts, demo: true, suspected: true, severity: 'warning' } as const
    expect(messageFor({ template: 'incident-raised', language: 'en', facts }).variables).toMatchObject({
      mark: 'DEMO',
      grade: 'WARNING',
      suspected: 'suspected',
    })
    expect(
      messageFor({ template: 'test', language: 'en', facts: { ...testFacts, site: 'East', demo: true } })
        .variables,
    ).toEqual({ mark: 'DEMO', site: 'East', at: '11-23 09:00 UTC+8', code: 'T1' })
  })
})

const name = fc.string({ unit: 'grapheme', maxLength: 200 })
const milliC = fc.integer({ min: -99_999, max: 99_999 })
const instant = fc.integer({ min: 0, max: Date.UTC(2099, 0) })
const zone = fc.constantFrom('Asia/Shanghai', 'UTC', 'Pacific/Chatham', 'Asia/Kathmandu', 'America/St_Johns')
const anyMessage: fc.Arbitrary<MessageInput> = fc
  .record({
    template: fc.constantFrom(...messageTemplates),
    language: fc.constantFrom('zh', 'en'),
    facts: fc.record({
      site: name,
      place: name,
      severity: fc.constantFrom('warning', 'alarm'),
      suspected: fc.boolean(),
      what: fc.oneof(
        fc.record({
          peakMilliC: milliC,
          limit: fc.record({ operator: fc.constantFrom('>', '>=', '<', '<='), milliC }),
        }),
        fc.record({ cause: fc.constantFrom('silence', 'door', 'power', 'battery', 'cadence') }),
      ),
      sinceMs: instant,
      backSinceMs: instant,
      isBack: fc.boolean(),
      atMs: instant,
      zone,
      lots: fc.record({ count: fc.integer({ min: 0, max: 9_999 }), anyFreezeSensitive: fc.boolean() }),
      code: fc.string({ unit: 'grapheme', maxLength: 12 }),
      demo: fc.boolean(),
    }),
  })
  // every template's facts are among these
  .map((input) => input as MessageInput)

const zhHead = /^(?:演示 )?(?:再次)?(?:预警|报警|恢复正常|不再判定|更正)/
const enHead = /^(?:DEMO )?(?:WARNING|ALARM|BACK IN RANGE|BACK TO NORMAL|NO LONGER JUDGED|CORRECTED)/
test('whatever the names: two SMS at most, one line, its number, its code and first words that say what it is', () => {
  fc.assert(
    fc.property(anyMessage, (input) => {
      const { text, subject, variables } = messageFor(input)
      expect(text.length).toBeLessThanOrEqual(input.language === 'zh' ? 120 : 134)
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]|https?:|www\.|\p{Nd}{7}|undefined/u)
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
      for (const value of Object.values(variables)) expect(value.length).toBeLessThanOrEqual(35)
      const first = {
        zh: input.template === 'test' ? /^【测试】/ : zhHead,
        en: input.template === 'test' ? /^\[TEST\] / : enHead,
      }
      expect(text).toMatch(first[input.language])
      expect(text.endsWith(variables.code)).toBe(true)
      const { value } = { value: '', ...variables }
      const unit = { zh: ' ℃', en: ' °C' }
      expect(text).toContain(value === '' ? '' : `${value}${unit[input.language]}`)
    }),
    { numRuns: 1_000 },
  )
})

test('with names as they are in a city, the place is never cut', () => {
  for (const language of ['zh', 'en'] as const) {
    const facts = {
      ...(language === 'zh' ? zhFacts : enFacts),
      site: language === 'zh' ? '某某区'.repeat(9) : 'A very long clinic name '.repeat(4),
    }
    for (const template of ['incident-raised', 'incident-worse', 'incident-again'] as const) {
      expect(messageFor({ template, language, facts }).text).toContain(facts.place)
    }
  }
})

test('the limit of a label is told as one', () => {
  const what = { peakMilliC: -17_000, limit: { operator: '>', milliC: -20_000, byLabel: true } } as const
  const facts = { ...zhFacts, what }
  const text = (language: 'zh' | 'en') => messageFor({ template: 'incident-raised', language, facts }).text
  expect(text('zh')).toContain(' 偏高 -17.0 ℃(标签上限-20.0 ℃) ')
  expect(text('en')).toContain(' too warm -17.0 °C (label limit -20.0 °C). ')
})

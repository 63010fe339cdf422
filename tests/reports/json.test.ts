import { expect, test } from 'vitest'
import { reportJson } from '../../reports/index.ts'
import { lot, sampleReport, silentRow } from './sample.ts'

function parsed(...given: Parameters<typeof sampleReport>): Record<string, unknown> {
  const text = Buffer.from(reportJson(sampleReport(...given))).toString('utf8')
  return JSON.parse(text) as Record<string, unknown>
}

test('tells times in UTC beside the zone, degrees and seconds', () => {
  const { excursions, otherFindings, completeness, ...header } = parsed()
  expect(otherFindings).toEqual([])
  expect(header).toEqual({
    kind: 'excursion-report',
    subject: sampleReport().subject,
    demo: false,
    from: '2026-11-23T00:00:00.000Z',
    to: '2026-11-25T00:00:00.000Z',
    zone: 'Asia/Shanghai',
    generatedAt: '2026-11-25T00:00:00.000Z',
    factVersion: 42,
    generatedBy: { actor: 'user:u-1', name: '王芳' },
    softwareVersion: '0.1.0',
    rulePacks: [{ id: 'cn-gsp-storage', version: 1, title: { zh: '药品经营质量管理规范', en: 'GSP' } }],
  })
  const [first] = excursions as Record<string, unknown>[]
  expect(first).toMatchObject({
    id: '00000000000012e5',
    start: '2026-11-23T01:00:00.000Z',
    peak: -0.512,
    worstCaseSeconds: 97_200.25,
    limit: { operator: '<', limit: 2, seconds: 36_000, confidence: 'seen', source: 'a repost' },
    label: null,
    lots: [{ ...lot, quantity: 240, from: '2026-11-23T02:00:00.000Z', to: null }],
    incident: {
      id: 'i-7',
      acknowledged: { by: '李雷', at: '2026-11-23T11:04:00.000Z' },
      told: [
        { channel: 'http', delivered: '2026-11-23T11:00:09.000Z' },
        { sent: null, state: 'failed' },
      ],
    },
  })
  expect(completeness).toMatchObject({
    pieces: [{ intervalSeconds: 300, expected: 576, missing: 12, unknownSeconds: 2_700 }, { device: null }],
    held: [{ device: 'd-1', sensor: null, reason: 'malformed-json', count: 2 }],
    totals: {
      expected: 576,
      missing: 12,
      stored: 570,
      late: 9,
      duplicate: 3,
      held: 2,
      unknownSeconds: 6_300,
    },
  })
})

test('tells of a silence what it has, and of its rule', () => {
  const { otherFindings } = parsed({ conditions: [silentRow] })
  expect(otherFindings).toEqual([
    expect.objectContaining({
      kind: 'silence',
      start: '2026-11-23T01:00:00.000Z',
      end: '2026-11-23T02:00:00.000Z',
      observedSeconds: 3_600,
      limit: expect.objectContaining({
        quantity: 'contact',
        operator: null,
        limit: null,
        seconds: 1_800,
      }) as object,
    }),
  ])
  expect(JSON.stringify(otherFindings)).not.toContain('peak')
})

test('leaves no time in epoch milliseconds', () => {
  expect(JSON.stringify(parsed())).not.toMatch(/"\w+Ms":/)
})

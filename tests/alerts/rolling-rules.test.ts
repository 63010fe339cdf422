import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadRulePack } from '../../alerts/index.ts'

const file = new URL('../../alerts/rules/packs/isotherm-day-sum.yaml', import.meta.url)
const load = (window: string) =>
  loadRulePack(readFileSync(file, 'utf8').replace('window: day', window), 'test.yaml')

test('a rolling window has its length in hours', () => {
  const [rule] = load('window: rolling\n    windowHours: 24').rules
  const mode = { kind: 'cumulative', durationMs: 3_600_000, window: 'rolling', windowMs: 86_400_000 }
  expect(rule?.mode).toEqual(mode)
})

test.each([
  ['of no length', 'window: rolling', 'windowHours is missing with window rolling.'],
  ['a length of a day', 'window: day\n    windowHours: 24', 'windowHours is 24 with window day.'],
  ['no longer than the minutes', 'window: rolling\n    windowHours: 1', 'windowHours is 1 with 60 minutes.'],
  [
    'longer than is kept',
    'window: rolling\n    windowHours: 745',
    'windowHours is 745, which must be <= 744.',
  ],
])('is refused: %s', (_what, window, expected) => {
  expect(() => load(window)).toThrow(`test.yaml: rules[0].${expected}`)
})

import { describe, expect, test } from 'vitest'
import { loadRulePack, RULE_PACK_BYTES_MAX } from '../../alerts/index.ts'
import { Problem } from '../../domain/index.ts'

const pack = `
id: test
version: 3
title: { zh: 测试, en: Test }
for: { organisations: [clinic], places: [refrigerator] }
rules:
  - name: heat
    quantity: temperature
    operator: '>'
    limitC: 8.125
    level: range
    mode: continuous
    minutes: 90
    gapPolicy: pause
    roles: [product]
    duties: [in-service]
    severity: alarm
    clause: none
    source: none
    confidence: mem
`

describe('a rule pack', () => {
  test('is read as it is written', () => {
    expect(loadRulePack(pack, 'test.yaml')).toEqual({
      id: 'test',
      version: 3,
      title: { zh: '测试', en: 'Test' },
      for: { organisations: ['clinic'], places: ['refrigerator'] },
      onlyWhenActivated: false,
      rules: [
        {
          id: 'test/heat',
          quantity: 'temperature',
          operator: '>',
          limitMilliC: 8125,
          level: 'range',
          mode: { kind: 'continuous', durationMs: 5_400_000 },
          gapPolicy: 'pause',
          roles: ['product'],
          duties: ['in-service'],
          severity: 'alarm',
          clause: 'none',
          source: 'none',
          confidence: 'mem',
        },
      ],
    })
  })

  test.each([
    ['no YAML', 'id: test', 'id: [', 'test.yaml is not YAML', 'Correct the file'],
    ['a missing field', 'version: 3\n', '', 'test.yaml: version is missing.', 'A whole number'],
    [
      'a wrong type',
      'version: 3',
      'version: three',
      'test.yaml: version is "three", which must be integer.',
      'A whole number',
    ],
    [
      'an unknown field',
      'version: 3',
      'version: 3\nauthor: me',
      'test.yaml: author is "me"',
      'alerts/README.md',
    ],
    [
      'an unknown field of a rule',
      '    clause: none',
      '    clause: none\n    limit: 8',
      'test.yaml: rules[0].limit is 8',
      'Leave out',
    ],
    ['an unknown operator', "'>'", "'=>'", 'test.yaml: rules[0].operator is "=>"', 'value operator limit'],
    [
      'a limit that is no number',
      '8.125',
      'warm',
      'test.yaml: rules[0].limitC is "warm", which must be number.',
      'Degrees',
    ],
    ['a limit below everything', '8.125', '-300', 'test.yaml: rules[0].limitC is -300', '-273 to 200'],
    ['a limit too fine', '8.125', '8.1255', 'test.yaml: rules[0].limitC is 8.1255', 'three decimals'],
    [
      'no minutes',
      '    minutes: 90\n',
      '',
      'test.yaml: rules[0].minutes is missing with mode continuous.',
      'Give minutes',
    ],
    [
      'minutes of an instant',
      'mode: continuous',
      'mode: instant',
      'test.yaml: rules[0].minutes is 90 with mode instant.',
      'leave them out',
    ],
    [
      'no window of a sum',
      'mode: continuous',
      'mode: cumulative',
      'test.yaml: rules[0].window is missing with mode cumulative.',
      'Give window',
    ],
    [
      'a window of a run',
      'mode: continuous',
      'mode: continuous\n    window: day',
      'test.yaml: rules[0].window is "day" with mode continuous.',
      'leave it out',
    ],
    [
      'a trip of what stands',
      'mode: continuous',
      'mode: cumulative\n    window: trip',
      'test.yaml: rules[0].duties is ["in-service"] with window trip.',
      'on-trip alone',
    ],
    [
      'a sum that a gap undoes',
      'mode: continuous\n    minutes: 90\n    gapPolicy: pause',
      'mode: cumulative\n    minutes: 90\n    window: day\n    gapPolicy: reset',
      'test.yaml: rules[0].gapPolicy is reset with mode cumulative.',
      'pause or count',
    ],
    [
      'a mean that excuses nothing',
      'level: range',
      'level: range\n    mkt: { limitC: 8, hours: 24, appliesFromC: 2, appliesToC: 5, excursionHours: 24 }',
      'test.yaml: rules[0].mkt applies from 2 to 5 with limitC 8.',
      'appliesToC above it',
    ],
    [
      'a pre-warning with a limit of its own',
      'level: range',
      'level: critical\n    ownLimit: true',
      'test.yaml: rules[0].ownLimit is given with quantity temperature at level critical.',
      'at level range',
    ],
    [
      'silence of a temperature',
      'mode: continuous',
      'mode: silence',
      'test.yaml: rules[0].mode is silence with quantity temperature.',
      'for contact',
    ],
    [
      'a limit of a door',
      'quantity: temperature',
      'quantity: door',
      'test.yaml: rules[0].operator is ">" with quantity door.',
      'leave it out',
    ],
    [
      'no limit',
      '    limitC: 8.125\n',
      '',
      'test.yaml: rules[0].limitC is missing with quantity temperature.',
      'Give limitC',
    ],
    ['another gap policy', 'pause', 'forget', 'test.yaml: rules[0].gapPolicy is "forget"', 'unknown time'],
    [
      'a place nobody knows',
      '[refrigerator]',
      '[fridge]',
      'test.yaml: for.places[0] is "fridge"',
      'Known are: cold-room',
    ],
    ['no role', '[product]', '[]', 'test.yaml: rules[0].roles is []', 'At least one'],
    [
      'a role that is not judged',
      '[product]',
      '[product, ambient]',
      'test.yaml: rules[0].roles has ambient',
      'product and air',
    ],
    [
      'a retired place',
      '[in-service]',
      '[in-service, retired]',
      'test.yaml: rules[0].duties has retired.',
      'Leave it out',
    ],
    [
      'a name twice',
      /(?= {2}- name)/,
      pack.slice(pack.indexOf('  - name')),
      'test.yaml: rules[1].name is "heat", as is the one of rules[0].',
      'a name of its own',
    ],
    ['no rules', /rules:[^]*$/, 'rules: []', 'test.yaml: rules is []', '1 to 50 rules'],
    [
      'something else',
      /^[^]*$/,
      '- a',
      'test.yaml: the file is ["a"], which must be object.',
      'alerts/README.md',
    ],
    ['nothing', /^[^]*$/, '', 'test.yaml: the file is null, which must be object.', 'alerts/README.md'],
    ['far too much', /^/, '#'.repeat(RULE_PACK_BYTES_MAX), 'test.yaml has', 'split the pack'],
  ])('with %s is refused', (_what, from, to, what, remedy) => {
    const text = pack.replace(from, to)
    expect(text).not.toBe(pack)
    const thrown = caught(() => loadRulePack(text, 'test.yaml'))
    expect(thrown).toBeInstanceOf(Problem)
    expect(thrown).toMatchObject({ code: 'file-not-understood' })
    expect(thrown?.message).toContain(what)
    expect(thrown?.remedy).toContain(remedy)
  })
})

function caught(run: () => unknown): Problem | undefined {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown
  }
  return undefined
}

describe('a rule of mode cadence', () => {
  const often = pack
    .replace('quantity: temperature', 'quantity: recording')
    .replace('mode: continuous', 'mode: cadence')
    .replace('    gapPolicy: pause\n', '')

  test('may have a limit, below which time does not count', () => {
    const [limited] = loadRulePack(often, 'test.yaml').rules
    expect(limited).toMatchObject({
      quantity: 'recording',
      mode: { kind: 'cadence', durationMs: 5_400_000 },
      out: { operator: '>', limitMilliC: 8_125 },
    })
    const without = often.replace("    operator: '>'\n    limitC: 8.125\n", '')
    expect(loadRulePack(without, 'test.yaml').rules).toMatchObject([{ quantity: 'recording', out: null }])
  })

  test.each([
    [
      'half a limit',
      '    limitC: 8.125\n',
      '',
      'limitC is missing with mode cadence and operator.',
      'Give both',
    ],
    [
      'the other half',
      "    operator: '>'\n",
      '',
      'operator is missing with mode cadence and limitC.',
      'Give both',
    ],
    ['no minutes', '    minutes: 90\n', '', 'minutes is missing with mode cadence.', 'Give minutes'],
    [
      'a gap policy',
      'level: range',
      'level: range\n    gapPolicy: pause',
      'gapPolicy is "pause" with quantity recording.',
      'leave it out',
    ],
    [
      'of a temperature',
      'recording',
      'temperature\n    gapPolicy: pause',
      'mode is cadence with',
      'for recording',
    ],
    [
      'another mode',
      'cadence',
      'continuous',
      'mode is continuous with quantity recording.',
      'cadence for recording',
    ],
    [
      'a mean',
      'level: range',
      'level: range\n    mkt: { limitC: 8, hours: 24, appliesFromC: 2, appliesToC: 9, excursionHours: 24 }',
      'mkt is given with quantity recording.',
      'for temperature',
    ],
    ['a role that is not judged', '[product]', '[ambient]', 'roles has ambient', 'product and air'],
  ])('is refused with %s', (_what, found, put, what, remedy) => {
    const thrown = caught(() => loadRulePack(often.replace(found, put), 'test.yaml'))
    expect(thrown?.message).toContain(`test.yaml: rules[0].${what}`)
    expect(thrown?.remedy).toContain(remedy)
  })
})

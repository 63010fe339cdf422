import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadRulePack, RULE_PACK_BYTES_MAX } from '../../alerts/index.ts'
import { isFor, needsApproval, Problem } from '../../domain/index.ts'

const folder = new URL('../../alerts/rules/packs/', import.meta.url)
const packFiles = readdirSync(folder).toSorted()
const load = (name: string) => loadRulePack(readFileSync(new URL(name, folder), 'utf8'), name)

describe('the packs', () => {
  test.each(packFiles)('%s is named after its id', (name) => expect(`${load(name).id}.yaml`).toBe(name))

  test('have these limits', () => {
    const limits = packFiles.flatMap((name) =>
      load(name).rules.map((rule) => {
        const minutes = rule.mode.kind === 'instant' ? '' : ` for ${rule.mode.durationMs / 60_000} min`
        const limit = rule.quantity === 'temperature' ? `${rule.operator} ${rule.limitMilliC}` : rule.quantity
        return `${rule.id}: ${rule.level} ${limit}${minutes}, ${rule.confidence}`
      }),
    )
    expect(limits).toEqual([
      'cn-2017-cdc-clinic-freezer/warm-range: range > -15000, mem',
      'cn-2017-cdc-clinic-transport/warm-range: range > 8000, mem',
      'cn-2017-cdc-clinic-transport/cold-range: range < 2000, mem',
      'cn-2017-cdc-clinic-transport/warm-pre-cooling: critical > 8000 for 60 min, mem',
      'cn-2017-cdc-clinic-transport/cold-pre-cooling: critical < 2000 for 60 min, mem',
      'cn-2017-cdc-clinic/warm-range: range > 8000, mem',
      'cn-2017-cdc-clinic/cold-range: range < 2000, mem',
      'cn-gsp-power/power-cut: range power, seen-2',
      'cn-gsp-storage/warm-critical: critical >= 7500, mem',
      'cn-gsp-storage/warm-range: range > 8000, seen',
      'cn-gsp-storage/cold-critical: critical <= 2500, mem',
      'cn-gsp-storage/cold-range: range < 2000, seen',
      'cn-gsp-transport/warm-critical: critical >= 7500, mem',
      'cn-gsp-transport/warm-range: range > 8000, seen',
      'cn-gsp-transport/cold-critical: critical <= 2500, mem',
      'cn-gsp-transport/cold-range: range < 2000, seen',
      'cn-gsp-transport/warm-pre-cooling: critical > 8000 for 60 min, mem',
      'cn-gsp-transport/cold-pre-cooling: critical < 2000 for 60 min, mem',
      'isotherm-watch-transport/silent: critical contact for 20 min, seen',
      'isotherm-watch-transport/silent-long: range contact for 60 min, seen',
      'isotherm-watch/silent: critical contact for 30 min, seen',
      'isotherm-watch/silent-long: range contact for 120 min, seen',
      'who-pqs-devices/door: critical door for 5 min, seen-2',
      'who-pqs-devices/power: range power for 1440 min, seen-2',
      'who-pqs-devices/battery-low: critical battery for 60 min, mem',
      'who-pqs-storage/heat: range > 8000 for 600 min, seen-2',
      'who-pqs-storage/freeze: range <= -500 for 60 min, seen-2',
    ])
  })

  test('GSP binds distributors, not clinics', () => {
    const gsp = load('cn-gsp-storage.yaml')
    expect(isFor(gsp, 'distributor', 'cold-room')).toBe(true)
    expect(isFor(gsp, 'clinic', 'refrigerator')).toBe(false)
    expect(isFor(gsp, 'distributor', 'freezer')).toBe(false)
  })

  test('only what was read in the text holds without approval', () => {
    const free = packFiles.flatMap((name) => load(name).rules).filter((rule) => !needsApproval(rule))
    expect(free.map(({ id }) => id)).toEqual([
      'cn-gsp-storage/warm-range',
      'cn-gsp-storage/cold-range',
      'cn-gsp-transport/warm-range',
      'cn-gsp-transport/cold-range',
      'isotherm-watch-transport/silent',
      'isotherm-watch-transport/silent-long',
      'isotherm-watch/silent',
      'isotherm-watch/silent-long',
    ])
  })

  test('what travels is judged on a trip, and may be warm for an hour while it is pre-cooled', () => {
    const temperatures = packFiles
      .map(load)
      .filter(({ rules }) => rules.every(({ quantity }) => quantity === 'temperature'))
    for (const pack of temperatures) {
      const travels = pack.for.places.some((kind) => kind === 'vehicle' || kind === 'box')
      const judged = new Set(pack.rules.flatMap(({ duties }) => duties))
      expect([pack.id, [...judged]]).toEqual([
        pack.id,
        travels ? ['on-trip', 'pre-cooling'] : ['in-service', 'loading', 'defrost'],
      ])
      for (const rule of pack.rules.filter(({ duties }) => duties.includes('pre-cooling'))) {
        expect([rule.mode, rule.severity]).toEqual([{ kind: 'continuous', durationMs: 3_600_000 }, 'warning'])
      }
    }
  })
})

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
    ['another gap policy', 'pause', 'reset', 'test.yaml: rules[0].gapPolicy is "reset"', 'unknown time'],
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

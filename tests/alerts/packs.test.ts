import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadRulePack } from '../../alerts/index.ts'
import { isFor, needsApproval, rulesThatHold, takesLabel } from '../../domain/index.ts'

const folder = new URL('../../alerts/rules/packs/', import.meta.url)
const packFiles = readdirSync(folder).toSorted()
const load = (name: string) => loadRulePack(readFileSync(new URL(name, folder), 'utf8'), name)

describe('the packs', () => {
  test.each(packFiles)('%s is named after its id', (name) => expect(`${load(name).id}.yaml`).toBe(name))

  test('have these limits', () => {
    const limits = packFiles.flatMap((name) =>
      load(name).rules.map((rule) => {
        const window = rule.mode.kind === 'cumulative' ? ` a ${rule.mode.window}` : ''
        const minutes =
          rule.mode.kind === 'instant' ? '' : ` for ${rule.mode.durationMs / 60_000} min${window}`
        const out = rule.quantity === 'recording' ? rule.out : null
        const limit =
          rule.quantity === 'temperature'
            ? `${rule.operator} ${rule.limitMilliC}`
            : `${rule.quantity}${out === null ? '' : ` while ${out.operator} ${out.limitMilliC}`}`
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
      'cn-gsp-cadence-transport/interval: critical recording for 5 min, seen',
      'cn-gsp-cadence-transport/warm-interval: range recording while > 8000 for 2 min, seen',
      'cn-gsp-cadence-transport/cold-interval: range recording while < 2000 for 2 min, seen',
      'cn-gsp-cadence/interval: critical recording for 30 min, seen',
      'cn-gsp-cadence/warm-interval: range recording while > 8000 for 2 min, seen',
      'cn-gsp-cadence/cold-interval: range recording while < 2000 for 2 min, seen',
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
      'isotherm-day-sum/warm: critical > 8000 for 60 min a day, seen',
      'isotherm-day-sum/cold: critical < 2000 for 60 min a day, seen',
      'isotherm-watch-transport/silent: critical contact for 20 min, seen',
      'isotherm-watch-transport/silent-long: range contact for 60 min, seen',
      'isotherm-watch/silent: critical contact for 30 min, seen',
      'isotherm-watch/silent-long: range contact for 120 min, seen',
      'us-cdc-freezer/warm-range: range > -15000, seen-2',
      'us-cdc-freezer/cold-range: range < -50000, seen-2',
      'us-cdc-refrigerator/warm-range: range > 8000, seen-2',
      'us-cdc-refrigerator/cold-range: range < 2000, seen-2',
      'us-cdc-ultra-low/warm-range: range > -60000, mem',
      'us-cdc-ultra-low/cold-range: range < -90000, mem',
      'usp-1079-cct/warm: critical > 8000, seen-2',
      'usp-1079-cct/warm-day: range > 8000 for 1440 min, seen-2',
      'usp-1079-cct/hot: range > 15000, seen-2',
      'usp-1079-cct/cold: range < 2000, seen-2',
      'usp-1079-crt/warm: critical > 25000, seen-2',
      'usp-1079-crt/spike-day: range > 30000 for 1440 min, seen-2',
      'usp-1079-crt/hot: range > 40000, seen-2',
      'usp-1079-crt/cold: range < 15000, seen-2',
      'who-freeze-protection/freeze: range <= 0, seen-2',
      'who-pqs-devices/door: critical door for 5 min, seen-2',
      'who-pqs-devices/power: range power for 1440 min, seen-2',
      'who-pqs-devices/battery-low: critical battery for 60 min, mem',
      'who-pqs-storage/heat: range > 8000 for 600 min, seen-2',
      'who-pqs-storage/freeze: range <= -500 for 60 min, seen-2',
      'who-pqs-tr07-type1/heat-45: range >= 45000 for 60 min, seen',
      'who-pqs-tr07-type1/heat-30: range >= 30000 for 600 min a trip, seen',
      'who-pqs-tr07-type1/freeze: range <= -500 for 60 min, seen',
      'who-pqs-tr07-type2/heat-45: range >= 45000 for 60 min, seen',
      'who-pqs-tr07-type2/heat-30: range >= 30000 for 600 min a trip, seen',
      'who-pqs-tr07-type2/heat-10: range >= 10000 for 1200 min a trip, seen',
    ])
  })

  test('a label tightens what says the required range, and no alarm of a device, peak or freezing', () => {
    const rules = packFiles.flatMap((name) => load(name).rules)
    expect(rules.filter(takesLabel).map(({ id }) => id)).toEqual([
      'cn-2017-cdc-clinic-freezer/warm-range',
      'cn-2017-cdc-clinic-transport/warm-range',
      'cn-2017-cdc-clinic-transport/cold-range',
      'cn-2017-cdc-clinic/warm-range',
      'cn-2017-cdc-clinic/cold-range',
      'cn-gsp-storage/warm-range',
      'cn-gsp-storage/cold-range',
      'cn-gsp-transport/warm-range',
      'cn-gsp-transport/cold-range',
      'us-cdc-freezer/warm-range',
      'us-cdc-freezer/cold-range',
      'us-cdc-refrigerator/warm-range',
      'us-cdc-refrigerator/cold-range',
      'us-cdc-ultra-low/warm-range',
      'us-cdc-ultra-low/cold-range',
      'usp-1079-cct/cold',
      'usp-1079-crt/cold',
    ])
  })

  test('GSP binds distributors, not clinics', () => {
    const gsp = load('cn-gsp-storage.yaml')
    expect(isFor(gsp, 'distributor', 'cold-room')).toBe(true)
    expect(isFor(gsp, 'clinic', 'refrigerator')).toBe(false)
    expect(isFor(gsp, 'distributor', 'freezer')).toBe(false)
  })

  test('only what was read in the text holds without approval', () => {
    const free = packFiles.map(load).flatMap((each) => rulesThatHold([each], () => undefined))
    expect(free.every(({ rule }) => !needsApproval(rule))).toBe(true)
    expect(free.map(({ rule }) => rule.id)).toEqual([
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
    // those of China and WHO storage; what is only held when activated may differ
    const temperatures = packFiles.map(load).filter(({ rules, onlyWhenActivated }) => {
      return !onlyWhenActivated && rules.every(({ quantity }) => quantity === 'temperature')
    })
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

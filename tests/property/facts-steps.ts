import fc from 'fast-check'
import { Problem } from '../../domain/index.ts'
import { type CommandName, registerSensors } from '../../store/index.ts'
import { act } from '../../store/facts/act.ts'
import { changeFrom } from '../../store/facts/timeline.ts'
import { DAY_MS, type FactsHarness, HASH, HOUR_MS, LI, OTHER_HASH, START_MS } from '../store/facts/setup.ts'

/** One thing somebody does; `index` picks among the ids there are, so that most of it makes sense. */
export interface Step {
  readonly name: (typeof names)[number]
  readonly index: number
  readonly amount: number
}

const names = [
  'organisation.create',
  'site.create',
  'device.create',
  'device.create',
  'device.revoke',
  'device.accept-from',
  'device.issue-secret',
  'user.create',
  'user.set-password',
  'user.deactivate',
  'user.grant',
  'user.revoke-grant',
  'key.create',
  'key.revoke',
  'session.open',
  'session.open',
  'session.end',
  'setup.administrator',
  'user.password-hash',
  'refusals.add',
  'sensors',
  'correct',
  'correct',
  'clock',
  'clock',
  'clock',
] as const satisfies readonly (CommandName | 'sensors' | 'correct' | 'clock')[]

/** Things somebody does, one after the other. */
export const steps = fc.array(
  fc.record({
    name: fc.constantFrom(...names),
    index: fc.nat(3),
    amount: fc.integer({ min: -30, max: 30 }),
  }),
  { minLength: 10, maxLength: 60, size: 'max' },
)

/** Carries out a step; true when it was carried out, false when it was refused. */
export async function carryOut(harness: FactsHarness, { name, index, amount }: Step): Promise<boolean> {
  const reason = 'because'
  const pick = (table: string, column = 'id'): string => {
    const all = harness.rows(`select distinct "${column}" as id from "${table}" order by rowid`)
    const found = all[index % Math.max(all.length, 1)]?.['id']
    return typeof found === 'string' ? found : 'none'
  }
  const organisations = ['cdc', 'clinic', 'show', 'none']
  const organisation = organisations[index] ?? 'none'
  const site = ['depot', 'ward', 'stage', 'none'][index] ?? 'none'
  const role = amount < 0 ? 'viewer' : 'keeper'
  const carry = {
    'organisation.create': () =>
      harness.do('organisation.create', {
        id: `o-${amount}`,
        parent: organisation,
        kind: 'clinic',
        demo: amount % 2 === 0,
        name: '新',
      }),
    'site.create': () =>
      harness.do('site.create', { id: `s-${amount % 4}`, organisation, name: '点', zone: 'Asia/Shanghai' }),
    'device.create': () =>
      harness.do('device.create', {
        id: `d-${amount % 4}`,
        site,
        kind: site === 'stage' ? 'simulated' : 'real',
      }),
    'device.revoke': () => harness.do('device.revoke', { id: pick('device'), reason }),
    'device.accept-from': () =>
      harness.do('device.accept-from', {
        id: pick('device'),
        acceptFromMs: START_MS + amount * HOUR_MS,
        reason,
      }),
    'device.issue-secret': () => harness.do('device.issue-secret', { id: pick('device'), reason }),
    'user.create': () =>
      harness.do('user.create', {
        name: `li-${amount % 4}`,
        passwordHash: HASH,
        ...(amount % 2 === 0 ? {} : { grant: { organisation, role } }),
      }),
    'user.set-password': () =>
      harness.do('user.set-password', { id: pick('user'), passwordHash: OTHER_HASH }),
    'user.deactivate': () => harness.do('user.deactivate', { id: pick('user'), reason }),
    'user.grant': () => harness.do('user.grant', { id: pick('user'), organisation, role }),
    'user.revoke-grant': () =>
      harness.do('user.revoke-grant', { id: pick('user'), organisation, role, reason }),
    'key.create': () => harness.do('key.create', { name: '钥', organisation, role }),
    'key.revoke': () => harness.do('key.revoke', { id: pick('key'), reason }),
    'session.open': () => harness.do('session.open', { user: pick('user') }),
    'session.end': () => harness.do('session.end', { tokenSha256: pick('session', 'token_sha256') }),
    'setup.administrator': () => harness.do('setup.administrator', { passwordHash: HASH }),
    'user.password-hash': () => harness.do('user.password-hash', { name: 'li-1' }),
    'refusals.add': () =>
      harness.do('refusals.add', {
        rows: [{ device: pick('device'), reason: 'wrong-secret', hourMs: 0, count: 1 + index }],
      }),
    sensors: () =>
      registerSensors(harness.facts, LI, [
        { device: pick('device'), name: `n-${amount % 3}`, sinceMs: START_MS },
      ]),
    correct: () => correct(harness, pick('device'), harness.clock.now + amount * DAY_MS, 1_000 + index),
    clock: async () => (harness.clock.now += amount * 3 * HOUR_MS),
  }[name]
  try {
    await carry()
    return true
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code !== 'internal') return false
    throw thrown
  }
}

/** A change from any instant, past or to come; commands only make changes from now on. */
async function correct(
  harness: FactsHarness,
  id: string,
  fromMs: number,
  expectedInterval: number,
): Promise<void> {
  const known = harness.rows(
    `select 1 from live_device where id = '${id}' and coalesce(valid_to, 9e15) > ${fromMs}`,
  )
  if (known.length === 0) return
  await harness.facts.transact(async (tx) => {
    const done = await act(tx, { kind: 'correct', actor: LI, subject: id, reason: '', old: null, new: null })
    await changeFrom(done, 'device', { id }, fromMs, { expectedInterval })
  })
}

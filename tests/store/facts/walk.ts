import type { CommandName } from '../../../store/index.ts'
import { type Doer, HASH, OTHER_HASH, START_MS } from './setup.ts'
import { walkIncidents } from './walk-incidents.ts'
import { walkPlaces } from './walk-places.ts'
import { walkRules } from './walk-rules.ts'

/** Every command with what it takes to be carried out, in an order in which all of them can be; see `prepareWalk`. */
export function walk(
  harness: Doer,
  known: Map<string, string>,
): { readonly [N in CommandName]: () => Promise<unknown> } {
  const id = (name: string): string => known.get(name) ?? ''
  const keep = (name: string, value: string): void => void known.set(name, value)
  const reason = 'because'
  return {
    'setup.administrator': () => harness.do('setup.administrator', { passwordHash: HASH }),
    'organisation.create': () =>
      harness.do('organisation.create', {
        id: 'cdc',
        parent: null,
        kind: 'cdc',
        demo: false,
        name: '市疾控',
      }),
    'site.create': () =>
      harness.do('site.create', { id: 'depot', organisation: 'cdc', name: '冷库', zone: 'Asia/Shanghai' }),
    'device.create': async () => {
      const { secret } = await harness.do('device.create', {
        id: 'd-1',
        site: 'depot',
        kind: 'real',
        label: '左',
      })
      keep('device secret', secret)
    },
    'device.accept-from': () =>
      harness.do('device.accept-from', { id: 'd-1', acceptFromMs: START_MS, reason }),
    'device.issue-secret': async () => {
      keep('new device secret', (await harness.do('device.issue-secret', { id: 'd-1', reason })).secret)
    },
    'device.revoke': () => harness.do('device.revoke', { id: 'd-1', reason }),
    'user.create': async () => {
      keep('user', (await harness.do('user.create', { name: 'lina', passwordHash: HASH })).id)
    },
    'user.set-password': () => harness.do('user.set-password', { id: id('user'), passwordHash: OTHER_HASH }),
    'user.grant': () => harness.do('user.grant', { id: id('user'), organisation: 'cdc', role: 'keeper' }),
    'user.revoke-grant': () =>
      harness.do('user.revoke-grant', { id: id('user'), organisation: 'cdc', role: 'keeper', reason }),
    'user.password-hash': () => harness.do('user.password-hash', { name: 'lina' }),
    'key.create': async () => {
      const { key, secret } = await harness.do('key.create', {
        name: '报表',
        organisation: 'cdc',
        role: 'viewer',
      })
      keep('key', key.id)
      keep('key secret', secret)
    },
    'key.revoke': () => harness.do('key.revoke', { id: id('key'), reason }),
    'session.open': async () => {
      const { token, session } = await harness.do('session.open', { user: id('user') })
      keep('token', token)
      keep('token hash', session.tokenSha256)
    },
    'session.end': () => harness.do('session.end', { tokenSha256: id('token hash') }),
    'user.deactivate': () => harness.do('user.deactivate', { id: id('user'), reason }),
    'refusals.add': () =>
      harness.do('refusals.add', { rows: [{ device: '', reason: 'wrong-secret', hourMs: 0, count: 1 }] }),
    'held.readmit': () => harness.do('held.readmit', { device: 'd-1', index: 7, held: 2, reason }),
    'journal.trim': () =>
      harness.do('journal.trim', {
        firstKept: 512,
        records: 512,
        segments: 2,
        bytes: 9_000,
        receivedUntilMs: START_MS,
        reason,
      }),
    'held.decide': () =>
      harness.do('held.decide', { device: 'd-1', index: 8, item: 1, stands: 'held', reason }),
    'watch.report': () =>
      harness.do('watch.report', {
        kind: 'balance.mismatch',
        subject: 'log:readings',
        found: { what: 'stored rows', counted: 2, found: 1 },
      }),
    ...walkPlaces(harness),
    ...walkRules(harness),
    ...walkIncidents(harness),
  }
}

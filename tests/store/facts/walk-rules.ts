import type { RuleCommands } from '../../../store/index.ts'
import { type Doer, OTHER } from './setup.ts'

const reason = 'because'
const who = { pack: 'who', version: 1, organisation: 'root', reason }
const wanted = { ...who, pack: 'us-cdc', state: 'active' } as const
/** Proposals of somebody else, which the walk approves. */
const waiting = new WeakMap<Doer, string>()

/** Somebody else proposes what the walk approves. */
export async function prepareRules(harness: Doer): Promise<void> {
  const { id } = await harness.do('rules.propose', wanted, OTHER)
  waiting.set(harness, id)
}

/** Every command about rules, in an order in which all of them can be carried out. */
export function walkRules(harness: Doer): { readonly [N in keyof RuleCommands]: () => Promise<unknown> } {
  let own = ''
  return {
    'rules.activate': () => harness.do('rules.activate', who),
    'rules.deactivate': () => harness.do('rules.deactivate', who),
    'rules.propose': async () => {
      const { id } = await harness.do('rules.propose', { ...wanted, version: 2 })
      own = id
    },
    'rules.approve': () => {
      const proposal = waiting.get(harness) ?? ''
      return harness.do('rules.approve', { proposal, organisation: 'root', reason })
    },
    'rules.refuse': () => harness.do('rules.refuse', { proposal: own, organisation: 'root', reason }),
  }
}

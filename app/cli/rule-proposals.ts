import type { Command } from 'commander'
import { Problem, ROOT_SCOPE, ruleProposalItem } from '../../domain/index.ts'
import { readRulePacks } from '../doors/rule-packs.ts'
import { itemsOf } from './find.ts'
import { withCore } from './local-core.ts'
import { printList, printThing } from './print.ts'
import { instantOption, runs, textOption } from './run.ts'

/** Adds the commands by which changes of rules are proposed, listed and taken back. */
export function addRuleProposals(rules: Command): void {
  addProposing(rules, 'activate', 'propose that a rule pack holds')
  addProposing(rules, 'deactivate', 'propose that it holds no longer')
  runs(
    rules
      .command('proposals')
      .description('list proposed changes, the newest first')
      .option('--waiting', 'only those that wait for somebody'),
    async (configuration, options) => {
      const waiting = options['waiting'] === true ? { waiting: true } : {}
      const items = await withCore(configuration, (core) => itemsOf(core, 'rule-proposals', waiting))
      const columns = [
        'id',
        'status',
        'state',
        'pack',
        'version',
        'organisation',
        'from',
        'proposedBy',
        'reason',
      ]
      printList(items, columns, options['json'] === true)
    },
  )
  addRefusal(rules)
}

function addProposing(rules: Command, verb: 'activate' | 'deactivate', what: string): void {
  runs(
    rules
      .command(`${verb} <pack>`)
      .description(`${what}; it does once a second person approves`)
      .requiredOption('--reason <text>', 'why')
      .option('--organisation <id>', 'for this one and those below it', ROOT_SCOPE)
      .option('--pack-version <number>', 'this version of the pack (default: its newest)')
      .option('--from <time>', 'since this instant (RFC 3339; default: since it is approved)')
      .option('--correction', 'it is to hold since an instant that is past')
      .option('--emergency', 'it holds at once, and is reviewed afterwards'),
    async (configuration, options, pack: string) => {
      const fromMs = instantOption(options, 'from')
      const proposal = await withCore(configuration, async (core) =>
        core.command('rules.propose', {
          pack,
          version: await versionOf(pack, textOption(options, 'packVersion')),
          organisation: textOption(options, 'organisation') ?? ROOT_SCOPE,
          state: verb === 'activate' ? 'active' : 'inactive',
          reason: textOption(options, 'reason') ?? '',
          emergency: options['emergency'] === true,
          correction: options['correction'] === true,
          ...(fromMs === undefined ? {} : { fromMs }),
        }),
      )
      printThing(ruleProposalItem(proposal), options['json'] === true)
    },
  )
}

/** To approve is for a person who is signed in: the account of a machine is nobody's second opinion. */
function addRefusal(rules: Command): void {
  runs(
    rules
      .command('refuse <proposal>')
      .description('take back or refuse what waits; to approve, and to end an emergency, is for the API')
      .requiredOption('--reason <text>', 'why')
      .option('--organisation <id>', 'whose rules they are', ROOT_SCOPE),
    async (configuration, options, proposal: string) => {
      const organisation = textOption(options, 'organisation') ?? ROOT_SCOPE
      const reason = textOption(options, 'reason') ?? ''
      const said = await withCore(configuration, (core) =>
        core.command('rules.refuse', { proposal, organisation, reason }),
      )
      printThing(ruleProposalItem(said), options['json'] === true)
    },
  )
}

/** The version that is named, or the newest there is. Throws `not-found`. */
export async function versionOf(pack: string, named: string | undefined): Promise<number> {
  const versions = (await readRulePacks()).filter(({ id }) => id === pack).map(({ version }) => version)
  const found = named === undefined ? versions.at(-1) : versions.find((each) => String(each) === named)
  if (found !== undefined) return found
  throw new Problem('not-found', {
    what: `There is no rule pack ${pack}${named === undefined ? '' : ` of version ${named}`}.`,
    remedy: 'Use one of those that `isotherm rules list` shows.',
  })
}

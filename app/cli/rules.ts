import type { Command } from 'commander'
import { boundOf, durationOf, Problem, type Rule, type RulePack } from '../../domain/index.ts'
import { readRulePack, readRulePacks } from '../doors/rule-packs.ts'
import { terminal } from '../doors/terminal.ts'
import { withCore } from './local-core.ts'
import { printList, printThing } from './print.ts'
import { addRuleProposals } from './rule-proposals.ts'
import { runs } from './run.ts'
import { addWhatIf } from './what-if.ts'

/** Adds `rules`. */
export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description(
      'show rule packs and where they hold, check a file of one, try a change on what was measured',
    )
  runs(
    rules.command('list').description('every rule of every pack, with its clause and how sure we are of it'),
    async (_configuration, options) => {
      const items = (await readRulePacks()).flatMap((pack) => pack.rules.map((rule) => ruleItem(pack, rule)))
      printList(items, ['rule', 'version', 'says', 'level', 'confidence', 'clause'], options['json'] === true)
    },
  )
  runs(
    rules
      .command('check <file>')
      .description('whether a rule-pack file can be used; says what is wrong and where'),
    async (_configuration, options, file: string) => {
      const pack = await readRulePack(file)
      const items = pack.rules.map((rule) => ruleItem(pack, rule))
      if (options['json'] !== true) terminal.print(`${pack.id}, version ${pack.version}, is in order.`)
      printList(items, ['rule', 'says', 'level', 'confidence', 'clause'], options['json'] === true)
    },
  )
  addExplain(rules)
  addWhatIf(rules)
  addRuleProposals(rules)
}

function addExplain(rules: Command): void {
  runs(
    rules
      .command('explain <rule>')
      .description(
        'what a rule says in its newest version, why, and at which points it holds, with the limit there',
      ),
    async (configuration, options, id: string) => {
      const packs = await readRulePacks()
      const pack = packs.findLast((each) => each.rules.some((rule) => rule.id === id))
      const rule = pack?.rules.find((each) => each.id === id)
      if (pack === undefined || rule === undefined) throw noSuchRule(id)
      const where = await withCore(configuration, (core) => core.query('rules.where', { rule: id }))
      const places = where as readonly Readonly<Record<string, unknown>>[]
      const { roles, duties, severity } = rule
      const gapPolicy = 'gapPolicy' in rule ? rule.gapPolicy : null
      const thing = { ...ruleItem(pack, rule), title: pack.title.en, severity, gapPolicy, roles, duties }
      if (options['json'] === true) terminal.print(JSON.stringify({ ...thing, holds: places }))
      else {
        printThing({ ...thing, roles: roles.join(', '), duties: duties.join(', ') }, false)
        if (places.length === 0)
          terminal.print('It holds nowhere. `isotherm rules activate` proposes that it does.')
        else printList(places, ['place', 'point', 'packVersion', 'limit', 'labelOf', 'from', 'to'], false)
      }
    },
  )
}

function noSuchRule(id: string): Problem {
  return new Problem('not-found', {
    what: `There is no rule ${id}.`,
    remedy: 'Use one of those that `isotherm rules list` shows.',
  })
}

function ruleItem(pack: RulePack, rule: Rule) {
  const { id, level, clause, source, confidence } = rule
  return { rule: id, version: pack.version, says: saying(rule), level, clause, source, confidence }
}

/** `temperature > 8 degC for 600 min`, as people say it. */
function saying(rule: Rule): string {
  const { operator, limit } = boundOf(rule)
  if (rule.quantity === 'recording') {
    const out = operator === null ? '' : ` while ${operator} ${limit} degC`
    return `recorded every ${durationOf(rule.mode) / 60_000} min${out}`
  }
  const unit = rule.quantity === 'battery' ? '%' : 'degC'
  const what = operator === null ? outWithoutNumber(rule) : `${rule.quantity} ${operator} ${limit} ${unit}`
  if (rule.mode.kind === 'instant') return what
  const minutes = `${rule.mode.durationMs / 60_000} min`
  if (rule.mode.kind !== 'cumulative') return `${what} for ${minutes}`
  const { mode } = rule
  return mode.window === 'rolling'
    ? `${what} for ${minutes} in any ${mode.windowMs / 3_600_000} h`
    : `${what} for ${minutes} a ${mode.window}`
}

function outWithoutNumber({ quantity }: Rule): string {
  if (quantity === 'contact') return 'no temperature comes'
  return quantity === 'door' ? 'door open' : 'no mains power'
}

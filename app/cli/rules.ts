import type { Command } from 'commander'
import { boundOf, type Rule, type RulePack } from '../../domain/index.ts'
import { readRulePack, readRulePacks } from '../doors/rule-packs.ts'
import { terminal } from '../doors/terminal.ts'
import { printList } from './print.ts'
import { runs } from './run.ts'

/** Adds `rules list` and `rules check`. */
export function addRules(program: Command): void {
  const rules = program.command('rules').description('show the rule packs, and check a file of one')
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
}

function ruleItem(pack: RulePack, rule: Rule) {
  const { id, level, clause, source, confidence } = rule
  return { rule: id, version: pack.version, says: saying(rule), level, clause, source, confidence }
}

/** `temperature > 8 degC for 600 min`, as people say it. */
function saying(rule: Rule): string {
  const { operator, limit } = boundOf(rule)
  const unit = rule.quantity === 'battery' ? '%' : 'degC'
  const what = operator === null ? outWithoutNumber(rule) : `${rule.quantity} ${operator} ${limit} ${unit}`
  if (rule.mode.kind === 'instant') return what
  const minutes = `${rule.mode.durationMs / 60_000} min`
  return rule.mode.kind === 'cumulative'
    ? `${what} for ${minutes} a ${rule.mode.window}`
    : `${what} for ${minutes}`
}

function outWithoutNumber({ quantity }: Rule): string {
  if (quantity === 'contact') return 'no temperature comes'
  return quantity === 'door' ? 'door open' : 'no mains power'
}

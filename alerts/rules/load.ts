import { Value } from 'typebox/value'
import { parse } from 'yaml'
import {
  isJudgedRole,
  milliFromDecimal,
  Problem,
  reasonOf,
  type Rule,
  type RulePack,
} from '../../domain/index.ts'
import { type RuleEntry, type RulePackFile, rulePackSchema } from './schema.ts'

/** Ten times the largest pack written by hand; keeps the parser out of reach of a wrong file. */
export const RULE_PACK_BYTES_MAX = 256 * 1024
const MINUTE_MS = 60_000

/**
 * Reads a rule-pack file. Throws `Problem('file-not-understood')` naming file, path, value and remedy when it is not
 * YAML, does not fit the schema, or says something that cannot be judged.
 */
export function loadRulePack(text: string, fileName: string): RulePack {
  if (text.length > RULE_PACK_BYTES_MAX) {
    throw refused(
      `${fileName} has ${text.length} characters; a rule pack has at most ${RULE_PACK_BYTES_MAX}.`,
      'Name a rule-pack file, or split the pack.',
    )
  }
  const file = checked(parsed(text, fileName), fileName)
  for (const [index, entry] of file.rules.entries()) {
    const field = (name: string): string => `${fileName}: rules[${index}].${name}`
    checkRule(entry, field)
    const first = file.rules.findIndex(({ name }) => name === entry.name)
    if (first !== index) {
      throw refused(
        `${field('name')} is ${shown(entry.name)}, as is the one of rules[${first}].`,
        'Give every rule of the file a name of its own.',
      )
    }
  }
  return { ...file, rules: file.rules.map((entry) => ruleOf(file.id, entry)) }
}

function parsed(text: string, fileName: string): unknown {
  try {
    return parse(text)
  } catch (thrown) {
    throw new Problem('file-not-understood', {
      what: `${fileName} is not YAML: ${reasonOf(thrown)}`,
      remedy: 'Correct the file at the place named.',
      cause: thrown,
    })
  }
}

function checked(value: unknown, fileName: string): RulePackFile {
  if (Value.Check(rulePackSchema, value)) return value
  const [error] = Value.Errors(rulePackSchema, value)
  const keys = error?.instancePath.split('/').slice(1) ?? []
  const extra = error?.keyword === 'additionalProperties' ? error.params.additionalProperties : []
  const missing = error?.keyword === 'required' ? error.params.requiredProperties : []
  const path = [...keys, ...extra.slice(0, 1), ...missing.slice(0, 1)]
  const found = missing.length > 0 ? 'missing' : shown(at(value, path))
  const says = error === undefined || missing.length > 0 ? '' : `, which ${error.message}`
  throw refused(`${fileName}: ${pathText(path)} is ${found}${says}.`, remedyFor(path))
}

/** What a schema cannot say. */
function checkRule(entry: RuleEntry, field: (name: string) => string): void {
  if (!Number.isInteger(Number((entry.limitC * 1000).toFixed(6)))) {
    throw refused(
      `${field('limitC')} is ${entry.limitC}, finer than a thousandth.`,
      'Give at most three decimals.',
    )
  }
  if ((entry.mode === 'continuous') !== (entry.minutes !== undefined)) {
    throw refused(
      `${field('minutes')} is ${shown(entry.minutes)} with mode ${entry.mode}.`,
      'Give minutes for mode continuous and leave them out for mode instant.',
    )
  }
  const unjudged = entry.roles.find((role) => !isJudgedRole(role))
  if (unjudged !== undefined) {
    throw refused(
      `${field('roles')} has ${unjudged}, a role that explains and is not judged.`,
      'Use product and air.',
    )
  }
  if (entry.duties.includes('retired')) {
    throw refused(`${field('duties')} has retired.`, 'Leave it out: a retired place is not judged.')
  }
}

function ruleOf(pack: string, entry: RuleEntry): Rule {
  const { name, limitC, mode, minutes, ...same } = entry
  return {
    ...same,
    id: `${pack}/${name}`,
    limitMilliC: milliFromDecimal(limitC),
    mode:
      mode === 'continuous' ? { kind: mode, durationMs: (minutes ?? 0) * MINUTE_MS } : { kind: 'instant' },
  }
}

/** `rules[2].limitC` for the steps of a JSON pointer. */
function pathText(path: readonly string[]): string {
  if (path.length === 0) return 'the file'
  return path.map((key, index) => (/^\d+$/.test(key) ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
}

function at(value: unknown, path: readonly string[]): unknown {
  let here = value
  for (const key of path)
    here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined
  return here
}

/** The description nearest to the place that is wrong. */
function remedyFor(path: readonly string[]): string {
  let schema: unknown = rulePackSchema
  let description = 'Write a rule pack as alerts/README.md describes it.'
  for (const key of path) {
    schema = /^\d+$/.test(key) ? at(schema, ['items']) : at(schema, ['properties', key])
    const here = at(schema, ['description'])
    if (typeof here === 'string') description = here
  }
  return description
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 100)
}

function refused(what: string, remedy: string): Problem {
  return new Problem('file-not-understood', { what, remedy })
}

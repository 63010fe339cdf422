import { Value } from 'typebox/value'
import { parse } from 'yaml'
import {
  type CadenceRule,
  isJudgedRole,
  milliFromDecimal,
  type MktLimit,
  Problem,
  reasonOf,
  type Rule,
  type RunMode,
  type RulePack,
  SILENCE_MS_MIN,
} from '../../domain/index.ts'
import { type RuleEntry, type RulePackFile, rulePackSchema } from './schema.ts'

/** Ten times the largest pack written by hand; keeps the parser out of reach of a wrong file. */
export const RULE_PACK_BYTES_MAX = 256 * 1024
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

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
  const rules = file.rules.map((entry) => ruleOf(file.id, entry))
  return { ...file, onlyWhenActivated: file.onlyWhenActivated === true, rules }
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
  checkMembers(entry, field)
  for (const name of ['limitC', 'limitPct'] as const) {
    if (Number.isInteger(Number(((entry[name] ?? 0) * 1000).toFixed(6)))) continue
    throw refused(
      `${field(name)} is ${entry[name]}, finer than a thousandth.`,
      'Give at most three decimals.',
    )
  }
  if (entry.quantity === 'battery' && entry.operator !== '<' && entry.operator !== '<=') {
    throw refused(`${field('operator')} is ${entry.operator} with battery.`, 'Use < or <=.')
  }
  checkMkt(entry, field)
  if (entry.ownLimit !== undefined && (entry.quantity !== 'temperature' || entry.level !== 'range')) {
    throw refused(
      `${field('ownLimit')} is given with quantity ${entry.quantity} at level ${entry.level}.`,
      'Leave it out: labels tighten nothing but temperature at level range.',
    )
  }
  if (entry.mode === 'silence' && (entry.minutes ?? 0) * MINUTE_MS < SILENCE_MS_MIN) {
    throw refused(
      `${field('minutes')} is ${entry.minutes} with mode silence.`,
      `Give ${SILENCE_MS_MIN / MINUTE_MS} or more.`,
    )
  }
  const unjudged = entry.roles.find((role) => !isJudgedRole(role))
  if (unjudged !== undefined && (entry.quantity === 'temperature' || entry.quantity === 'recording')) {
    throw refused(
      `${field('roles')} has ${unjudged}, a role that explains and is not judged.`,
      'Use product and air.',
    )
  }
  if (entry.duties.includes('retired')) {
    throw refused(`${field('duties')} has retired.`, 'Leave it out: a retired place is not judged.')
  }
}

/** A mean weighs warmth only, and only beyond the limit of the rule. */
function checkMkt(entry: RuleEntry, field: (name: string) => string): void {
  const { mkt, operator, limitC = 0 } = entry
  if (mkt === undefined) return
  if (entry.quantity !== 'temperature') {
    throw refused(
      `${field('mkt')} is given with quantity ${entry.quantity}.`,
      'Leave it out: it is for temperature.',
    )
  }
  if (operator !== '>' && operator !== '>=') {
    throw refused(
      `${field('mkt')} is given with operator ${operator}.`,
      'Leave it out: no mean excuses cold.',
    )
  }
  if (mkt.appliesFromC >= limitC || mkt.appliesToC <= limitC) {
    throw refused(
      `${field('mkt')} applies from ${mkt.appliesFromC} to ${mkt.appliesToC} with limitC ${limitC}.`,
      'Give appliesFromC below limitC, and appliesToC above it.',
    )
  }
}

/** Members that a rule has beside the usual ones, and the remedy where one is missing or too much. */
const membersOf = {
  operator: ['temperature', 'battery'],
  limitC: ['temperature'],
  limitPct: ['battery'],
  gapPolicy: ['temperature', 'door', 'power', 'battery'],
} as const satisfies Partial<Record<keyof RuleEntry, readonly RuleEntry['quantity'][]>>

function checkWindow(entry: RuleEntry, field: (name: string) => string): void {
  if ((entry.mode === 'cumulative') !== (entry.window !== undefined)) {
    throw refused(
      `${field('window')} is ${shown(entry.window)} with mode ${entry.mode}.`,
      'Give window for mode cumulative and leave it out elsewhere.',
    )
  }
  const { window, windowHours, minutes = 0 } = entry
  if ((window === 'rolling') !== (windowHours !== undefined)) {
    throw refused(
      `${field('windowHours')} is ${shown(windowHours)} with window ${window ?? 'missing'}.`,
      'Give windowHours for window rolling and leave it out elsewhere.',
    )
  }
  if (windowHours !== undefined && windowHours * HOUR_MS <= minutes * MINUTE_MS) {
    throw refused(
      `${field('windowHours')} is ${windowHours} with ${minutes} minutes.`,
      'Give a window that is longer than minutes.',
    )
  }
  if (entry.window === 'trip' && entry.duties.some((duty) => duty !== 'on-trip')) {
    throw refused(
      `${field('duties')} is ${shown(entry.duties)} with window trip.`,
      'Give on-trip alone: a trip is over when the place goes on another duty.',
    )
  }
}

function checkMembers(entry: RuleEntry, field: (name: string) => string): void {
  for (const [name, of] of Object.entries(membersOf)) {
    // a rule about recording may have a limit
    if (entry.quantity === 'recording' && (name === 'operator' || name === 'limitC')) continue
    const value = entry[name as keyof typeof membersOf]
    const isNeeded = (of as readonly string[]).includes(entry.quantity)
    if (isNeeded === (value !== undefined)) continue
    throw refused(
      `${field(name)} is ${shown(value)} with quantity ${entry.quantity}.`,
      `Give ${name} for ${of.join(', ')} and leave it out elsewhere.`,
    )
  }
  const ownMode = { contact: 'silence', recording: 'cadence' }
  for (const [quantity, mode] of Object.entries(ownMode)) {
    if ((entry.mode === mode) === (entry.quantity === quantity)) continue
    throw refused(
      `${field('mode')} is ${entry.mode} with quantity ${entry.quantity}.`,
      'Use mode silence for contact, cadence for recording, and instant, continuous or cumulative for everything else.',
    )
  }
  if (entry.mode === 'cadence') checkCadence(entry, field)
  checkWindow(entry, field)
  if (entry.mode === 'cumulative' && entry.gapPolicy === 'reset') {
    throw refused(
      `${field('gapPolicy')} is reset with mode cumulative.`,
      'Use pause or count: what was added up is not undone by a gap.',
    )
  }
  if ((entry.mode === 'instant') === (entry.minutes !== undefined)) {
    throw refused(
      `${field('minutes')} is ${shown(entry.minutes)} with mode ${entry.mode}.`,
      'Give minutes for all modes but instant and leave them out there.',
    )
  }
}

/** A limit has two halves. */
function checkCadence({ operator, limitC }: RuleEntry, field: (name: string) => string): void {
  if ((operator === undefined) === (limitC === undefined)) return
  const [missing, given] = operator === undefined ? ['operator', 'limitC'] : ['limitC', 'operator']
  throw refused(
    `${field(missing)} is missing with mode cadence and ${given}.`,
    'Give both, and only the time after a temperature that is out counts, or neither.',
  )
}

/** `checkRule` has seen to it that what is needed is there. */
function ruleOf(pack: string, entry: RuleEntry): Rule {
  const { name, level, roles, duties, severity, clause, source, confidence } = entry
  const common = { id: `${pack}/${name}`, level, roles, duties, severity, clause, source, confidence }
  const durationMs = (entry.minutes ?? 0) * MINUTE_MS
  const { quantity, operator = '<', gapPolicy = 'pause' } = entry
  if (quantity === 'contact') return { ...common, quantity, mode: { kind: 'silence', durationMs } }
  if (quantity === 'recording') {
    return { ...common, quantity, mode: { kind: 'cadence', durationMs }, out: outOf(entry) }
  }
  const run = { ...common, mode: runModeOf(entry, durationMs), gapPolicy }
  if (quantity === 'temperature') {
    const limited = { ...run, quantity, operator, limitMilliC: milliFromDecimal(entry.limitC ?? 0) }
    return {
      ...limited,
      ...(entry.mkt === undefined ? {} : { mkt: mktLimitOf(entry.mkt) }),
      ...(entry.ownLimit === true ? { ownLimit: true } : {}),
    }
  }
  if (quantity !== 'battery') return { ...run, quantity }
  const limitMilliPct = milliFromDecimal(entry.limitPct ?? 0)
  return { ...run, quantity, operator: operator === '<=' ? operator : '<', limitMilliPct }
}

function outOf({ operator, limitC }: RuleEntry): CadenceRule['out'] {
  if (operator === undefined || limitC === undefined) return null
  return { operator, limitMilliC: milliFromDecimal(limitC) }
}

function mktLimitOf(mkt: NonNullable<RuleEntry['mkt']>): MktLimit {
  return {
    limitMilliC: milliFromDecimal(mkt.limitC),
    windowMs: mkt.hours * HOUR_MS,
    appliesFromMilliC: milliFromDecimal(mkt.appliesFromC),
    appliesToMilliC: milliFromDecimal(mkt.appliesToC),
    excursionMs: mkt.excursionHours * HOUR_MS,
  }
}

function runModeOf({ mode, window = 'day', windowHours = 0 }: RuleEntry, durationMs: number): RunMode {
  if (mode === 'cumulative') {
    return window === 'rolling'
      ? { kind: mode, durationMs, window, windowMs: windowHours * HOUR_MS }
      : { kind: mode, durationMs, window }
  }
  return mode === 'continuous' ? { kind: mode, durationMs } : { kind: 'instant' }
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

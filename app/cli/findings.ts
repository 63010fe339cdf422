import { type Command, Option } from 'commander'
import type { MktStatement } from '../../domain/index.ts'
import { terminal } from '../doors/terminal.ts'
import { itemsOf } from './find.ts'
import { withCore } from './local-core.ts'
import { printList } from './print.ts'
import { instantOption, runs, textOption } from './run.ts'

const SECONDS_PER_HOUR = 3_600

/** Adds `finding`. */
export function addFindings(program: Command): void {
  const finding = program.command('finding').description('what the engine concluded about temperatures')
  runs(
    finding
      .command('list')
      .description('list findings as they stand now, by start')
      .option('--place <id>', 'only of this place')
      .addOption(new Option('--state <state>', 'only those that').choices(['open', 'over']))
      .option('--from <time>', 'only those that touch the time from here on (RFC 3339)')
      .option('--to <time>', 'only those that begin before this instant'),
    async (configuration, options) => {
      const [place, state] = ['place', 'state'].map((name) => textOption(options, name))
      const [fromMs, toMs] = ['from', 'to'].map((name) => instantOption(options, name))
      const filter = {
        ...(place === undefined ? {} : { place }),
        ...(state === undefined ? {} : { open: state === 'open' }),
        ...(fromMs === undefined ? {} : { fromMs }),
        ...(toMs === undefined ? {} : { toMs }),
      }
      const items = await withCore(configuration, (core) => itemsOf(core, 'findings', filter))
      const columns = ['id', 'kind', 'place', 'point', 'rule', 'state', 'start', 'end', 'peak']
      printList(items, columns, options['json'] === true)
    },
  )
  runs(
    finding
      .command('explain <place> <id>')
      .description(
        'why a finding is what it is: rule and clause, facts in force, readings, what was unknown',
      ),
    async (configuration, options, place: string, id: string) => {
      const told = await withCore(configuration, (core) => core.query('finding.explain', { place, id }))
      if (options['json'] === true) terminal.print(JSON.stringify(told))
      else for (const line of linesOf(told as Explained)) terminal.print(line)
    },
  )
}

/** What the query answers, as far as it is put into words here. */
interface Explained {
  readonly finding: {
    readonly point: string
    readonly rule: string
    readonly packVersion: number
    readonly state: string
    readonly start: string
    readonly alarm: string | null
    readonly end: string | null
    readonly endReason: string | null
    readonly peak: number | null
    readonly peakAt: string | null
    readonly label: { readonly product: string } | null
    readonly observedSeconds: number
    readonly intervals: number | null
    readonly longestSeconds: number | null
    readonly worstCaseSeconds: number
  }
  readonly placeKind: string
  readonly role: string
  readonly rule: {
    readonly quantity: string
    readonly operator: string | null
    readonly limit: number | null
    readonly durationSeconds: number
    readonly clause: string
    readonly source: string
    readonly confidence: string
  } | null
  readonly inForce: readonly {
    readonly packVersion: number
    readonly operator: string | null
    readonly limit: number | null
    readonly labelOf: string | null
    readonly from: string
    readonly to: string | null
  }[]
  readonly duties: readonly { readonly duty: string; readonly from: string; readonly to: string | null }[]
  readonly placements: readonly {
    readonly sensor: string
    readonly from: string
    readonly to: string | null
  }[]
  readonly begunBy: string
  readonly before: Read | null
  readonly readings: readonly Read[]
  readonly endedBy: Read | null
  readonly unknown: readonly { readonly from: string; readonly to: string; readonly cause: string }[]
  readonly complete: boolean
  readonly mkt: {
    readonly windows: readonly MktWindowAnswer[]
    readonly limit: { readonly temperature: number; readonly windowSeconds: number } | null
    readonly statement: MktStatement
    readonly products: readonly {
      readonly product: string
      readonly windows: readonly MktWindowAnswer[]
      readonly statement: MktStatement
    }[]
  } | null
}

interface MktWindowAnswer {
  readonly windowSeconds: number
  readonly from: string
  readonly to: string
  readonly mkt: number
  readonly knownSeconds: number
}

const statementTexts: Readonly<Record<MktStatement, string>> = {
  'no-limit': 'the rule names no limit of it',
  cold: 'it was too cold, which no mean excuses',
  'too-warm': 'does not apply: the window has warmer readings than it may be used for; ask the maker',
  'too-cold': 'does not apply: the window has colder readings than it may be used for; ask the maker',
  'too-long': 'does not apply: the excursion lasted longer than it may be used for; ask the maker',
  unknown: 'nothing in the window is known yet',
  over: 'above the limit',
  within: 'within the limit; advice for quality, of vaccine only if its maker says so',
}

interface Read {
  readonly t: string
  readonly temperature?: number | null
  readonly battery?: number | null
  readonly doorOpen?: boolean
  readonly mainsPower?: boolean
  readonly sensor: string | null
}

function linesOf({ finding, rule, ...told }: Explained): readonly string[] {
  const { observedSeconds, worstCaseSeconds } = finding
  const held = (from: string, to: string | null): string => `from ${from}${to === null ? ' on' : ` to ${to}`}`
  return [
    `point ${finding.point} (${told.role}, ${told.placeKind}), rule ${finding.rule}, version ${finding.packVersion}`,
    rule === null
      ? 'that version of the rule is not among the packs any more'
      : `${outText(rule)}${labelText(finding)} for ${rule.durationSeconds} s: ${rule.clause}`,
    ...(rule === null ? [] : [`source (${rule.confidence}): ${rule.source}`]),
    ...told.placements.map(({ sensor, from, to }) => `sensor ${sensor} ${held(from, to)}`),
    ...(told.inForce.length < 2
      ? []
      : told.inForce.map((each) => `${inForceText(each)} ${held(each.from, each.to)}`)),
    ...told.duties.map(({ duty, from, to }) => `the place was ${duty} ${held(from, to)}`),
    ...(told.before === null ? [] : [`before it ${readText(told.before)}`]),
    `began ${finding.start} by a ${told.begunBy}`,
    ...told.readings.map((each) => `  ${readText(each)}`),
    ...(told.complete ? [] : ['  and more readings than are told']),
    ...told.unknown.map(({ from, to, cause }) => `unknown ${held(from, to)}: ${cause}`),
    ...(finding.peak === null ? [] : [`peak ${finding.peak} degC at ${finding.peakAt}`]),
    finding.alarm === null
      ? `${finding.state}: never seen out long enough`
      : `${finding.state} at ${finding.alarm}`,
    endText(finding, told.endedBy),
    finding.intervals === null
      ? `seen out for ${observedSeconds} s; with what is unknown ${worstCaseSeconds} s`
      : `${finding.intervals} times too far apart, ${finding.longestSeconds} s at most, ${observedSeconds} s together`,
    ...(told.mkt === null ? [] : mktLines(told.mkt)),
  ]
}

function mktLines({ windows, limit, statement, products }: NonNullable<Explained['mkt']>): readonly string[] {
  return [
    ...windows.map((each) => windowLine('', each)),
    ...products.flatMap(({ product, windows: own }) => own.map((each) => windowLine(` of ${product}`, each))),
    ...(limit === null
      ? []
      : [`its limit: ${limit.temperature} degC in ${limit.windowSeconds / SECONDS_PER_HOUR} h`]),
    ...products.map((each) => statementLine(` of ${each.product}`, each.statement)),
    statementLine(products.length === 0 ? '' : ' of products without an energy of their own', statement),
  ]
}

function statementLine(whose: string, statement: MktStatement): string {
  return `mean kinetic temperature${whose}: ${statementTexts[statement]}`
}

function windowLine(whose: string, { windowSeconds, from, to, mkt, knownSeconds }: MktWindowAnswer): string {
  const known = `known for ${(knownSeconds / SECONDS_PER_HOUR).toFixed(1)} h`
  const hours = windowSeconds / SECONDS_PER_HOUR
  return `mean kinetic temperature of ${hours} h${whose}: ${mkt} degC, ${from} to ${to}, ${known}`
}

function endText({ end, endReason }: Explained['finding'], endedBy: Read | null): string {
  if (end === null) return 'goes on'
  return `ended ${end}: ${endReason ?? ''}${endedBy === null ? '' : `, ${readText(endedBy)}`}`
}

function outText({ quantity, operator, limit }: NonNullable<Explained['rule']>): string {
  if (quantity === 'contact') return 'silent is no temperature'
  if (quantity === 'recording') {
    return `too far apart${operator === null ? '' : `, after ${operator} ${limit} degC,`} is no record`
  }
  if (quantity === 'door') return 'out is an open door'
  if (quantity === 'power') return 'out is no mains power'
  return `out is ${operator} ${limit} ${quantity === 'battery' ? '%' : 'degC'}`
}

function labelText({ label }: Explained['finding']): string {
  return label === null ? '' : `, by the label of ${label.product},`
}

function inForceText({ packVersion, operator, limit, labelOf }: Explained['inForce'][number]): string {
  const bound = operator === null ? '' : `, out is ${operator} ${limit}`
  return `version ${packVersion}${bound}${labelOf === null ? '' : ` by the label of ${labelOf}`}`
}

function readText({ t, sensor, ...read }: Read): string {
  return `${t} ${valueText(read)} (${sensor ?? 'placed nowhere'})`
}

function valueText({ temperature, battery, doorOpen, mainsPower }: Omit<Read, 't' | 'sensor'>): string {
  if (doorOpen !== undefined) return doorOpen ? 'door open' : 'door closed'
  if (mainsPower !== undefined) return mainsPower ? 'mains power' : 'no mains power'
  if (battery !== undefined && battery !== null) return `${battery} %`
  return typeof temperature === 'number' ? `${temperature} degC` : 'probe at fault'
}

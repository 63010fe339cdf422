import { directionOf, type Language, type Operator, type Severity } from '../../domain/index.ts'
import { clipped, plainName, printedInstant, printedLimit, printedValue } from './print.ts'
import { type ConditionCause, dictionaries, type IncidentWords } from './words.ts'

/** How far the temperature is out. */
export interface TemperatureFacts {
  /** The most extreme value so far. */
  readonly peakMilliC: number
  /** The limit it violates; its operator says whether that is too warm or too cold. */
  readonly limit: {
    readonly operator: Operator
    readonly milliC: number
    /** The label of what is stored has it, and not the rule. */
    readonly byLabel?: boolean
  }
}

/** What is known of an incident when a message about it is written. */
export interface IncidentFacts {
  readonly site: string
  readonly place: string
  readonly severity: Severity
  /** Only observed and unknown time together reached the rule's duration. */
  readonly suspected: boolean
  /** What is wrong. */
  readonly what: TemperatureFacts | { readonly cause: ConditionCause }
  /** When it began. */
  readonly sinceMs: number
  /** IANA zone of the site. */
  readonly zone: string
  readonly lots: { readonly count: number; readonly anyFreezeSensitive: boolean }
  /** The incident's short code, which people say and type; at most 8 characters are shown. */
  readonly code: string
  /** Of a demonstration. */
  readonly demo: boolean
}

/** What a test message needs. */
export interface TestFacts {
  readonly site: string
  readonly atMs: number
  readonly zone: string
  readonly code: string
  readonly demo: boolean
}

/** What to write a message from. */
export type MessageInput =
  | {
      readonly template: 'incident-raised' | 'incident-worse' | 'incident-again'
      readonly language: Language
      readonly facts: IncidentFacts
    }
  | {
      readonly template: 'incident-over'
      readonly language: Language
      /** `backSinceMs`: the reading that was in range again, or (`isBack` is false) the fact that ended it. */
      readonly facts: IncidentFacts & { readonly backSinceMs: number; readonly isBack: boolean }
    }
  | {
      readonly template: 'incident-withdrawn'
      readonly language: Language
      readonly facts: Pick<IncidentFacts, 'site' | 'place' | 'code' | 'demo'>
    }
  | { readonly template: 'test'; readonly language: Language; readonly facts: TestFacts }

/** Places of the four incident templates; every value at most 35 UTF-16 units, numbers without their unit. */
export type IncidentVariables = Readonly<
  Record<
    | 'mark'
    | 'grade'
    | 'suspected'
    | 'state'
    | 'value'
    | 'limit'
    | 'site'
    | 'place'
    | 'since'
    | 'lots'
    | 'code',
    string
  >
>
/** Places of the template `incident-withdrawn`. */
export type WithdrawnVariables = Readonly<Record<'mark' | 'site' | 'place' | 'code', string>>
/** Places of the template `test`. */
export type TestVariables = Readonly<Record<'mark' | 'site' | 'at' | 'code', string>>

/** What a finding is, in a few words: `too warm 9.8 °C (limit 8.0 °C)`, `door open`. For charts and lists. */
export function findingText(language: Language, what: IncidentFacts['what'], isSuspected: boolean): string {
  const dictionary = dictionaries[language]
  const { state, measured } = whatWords({ what, lots: { count: 0, anyFreezeSensitive: false } })
  const head = `${isSuspected ? `${dictionary.suspected} ` : ''}${dictionary.state[state]}`
  return `${head}${dictionary.measured(measured)}`
}

/** A message, ready for the outbox. */
export interface WrittenMessage {
  /** For mail; one line. */
  readonly subject: string
  /** Fits into two SMS; without links and phone numbers, which carriers refuse. */
  readonly text: string
  /** For gateways that take approved templates with variables instead of free text. */
  readonly variables: IncidentVariables | WithdrawnVariables | TestVariables
}

/** The longest value carriers take for a variable. */
const VARIABLE_UNITS_MAX = 35
const CODE_UNITS_MAX = 8
const REPEATS = { 'incident-worse': 'worse', 'incident-again': 'again' } as const

/** Writes a message. The same facts give the same message. Throws where the zone is not an IANA zone. */
export function messageFor(input: MessageInput): WrittenMessage {
  if (input.template === 'test') return testMessage(input.language, input.facts)
  if (input.template === 'incident-withdrawn') return withdrawnMessage(input.language, input.facts)
  return incidentMessage(input)
}

type IncidentInput = Exclude<MessageInput, { template: 'test' | 'incident-withdrawn' }>

function incidentMessage(input: IncidentInput): WrittenMessage {
  const { facts, language, template } = input
  const dictionary = dictionaries[language]
  const isOver = template === 'incident-over'
  const words = wordsOf(input)
  const [head, sentence] = isOver
    ? [dictionary.overHead(words), dictionary.over]
    : [`${dictionary.head(words)} ${dictionary.state[words.state]}`, dictionary.incident]
  const site = clipped(words.site, VARIABLE_UNITS_MAX)
  const place = clipped(words.place, VARIABLE_UNITS_MAX)
  return {
    subject: `${head} ${place} ${site}`,
    text: fitted(words, dictionary.textUnitsMax, sentence),
    variables: {
      mark: facts.demo ? dictionary.demo : '',
      grade: dictionary.grade[facts.severity],
      suspected: facts.suspected ? dictionary.suspected : '',
      state: dictionary.state[words.state],
      value: words.measured?.value ?? '',
      limit: words.measured?.limit ?? '',
      site,
      place,
      since: words.since,
      lots: String(facts.lots.count),
      code: words.code,
    },
  }
}

function wordsOf({ facts, language, template }: IncidentInput): IncidentWords {
  const sinceMs = 'backSinceMs' in facts ? facts.backSinceMs : facts.sinceMs
  return {
    demo: facts.demo,
    grade: facts.severity,
    suspected: facts.suspected,
    repeat: template === 'incident-worse' || template === 'incident-again' ? REPEATS[template] : null,
    ...whatWords(facts),
    site: plainName(facts.site),
    place: plainName(facts.place),
    since: printedInstant(sinceMs, facts.zone),
    lots: dictionaries[language].lots(facts.lots.count),
    code: clipped(plainName(facts.code), CODE_UNITS_MAX),
    isBack: 'isBack' in facts && facts.isBack,
  }
}

function whatWords({
  what,
  lots,
}: Pick<IncidentFacts, 'what' | 'lots'>): Pick<IncidentWords, 'state' | 'measured'> {
  if ('cause' in what) return { state: what.cause, measured: null }
  const { peakMilliC, limit } = what
  const direction = directionOf(limit.operator)
  const isFreezing = direction === 'cold' && lots.anyFreezeSensitive && peakMilliC <= 0
  const value = printedValue(peakMilliC, limit.milliC)
  return {
    state: isFreezing ? 'freeze' : direction,
    measured: { direction, value, limit: printedLimit(limit.milliC), byLabel: limit.byLabel === true },
  }
}

function withdrawnMessage(
  language: Language,
  facts: Extract<MessageInput, { template: 'incident-withdrawn' }>['facts'],
): WrittenMessage {
  const dictionary = dictionaries[language]
  const words = {
    demo: facts.demo,
    site: plainName(facts.site),
    place: plainName(facts.place),
    code: clipped(plainName(facts.code), CODE_UNITS_MAX),
  }
  const site = clipped(words.site, VARIABLE_UNITS_MAX)
  const place = clipped(words.place, VARIABLE_UNITS_MAX)
  return {
    subject: `${dictionary.withdrawnHead(words)} ${place} ${site}`,
    text: fitted(words, dictionary.textUnitsMax, dictionary.withdrawn),
    variables: { mark: facts.demo ? dictionary.demo : '', site, place, code: words.code },
  }
}

function testMessage(language: Language, facts: TestFacts): WrittenMessage {
  const dictionary = dictionaries[language]
  const words = {
    demo: facts.demo,
    site: plainName(facts.site),
    place: '',
    since: printedInstant(facts.atMs, facts.zone),
    code: clipped(plainName(facts.code), CODE_UNITS_MAX),
  }
  const site = clipped(words.site, VARIABLE_UNITS_MAX)
  return {
    subject: `${dictionary.testHead(words)} ${site}`,
    text: fitted(words, dictionary.textUnitsMax, dictionary.test),
    variables: { mark: facts.demo ? dictionary.demo : '', site, at: words.since, code: words.code },
  }
}

/** The sentence with names cut to what the rest leaves free; the place, which tells where to go, loses less. */
function fitted<W extends { readonly site: string; readonly place: string }>(
  words: W,
  unitsMax: number,
  sentence: (words: W) => string,
): string {
  const room = unitsMax - sentence({ ...words, site: '', place: '' }).length
  const placeRoom = Math.max(Math.floor(room * PLACE_SHARE), room - words.site.length)
  const place = clipped(words.place, placeRoom)
  const site = clipped(words.site, room - place.length)
  return sentence({ ...words, site, place })
}

const PLACE_SHARE = 0.6

import type { Cause, Direction, Language, Severity } from '../../domain/index.ts'
import { withUnit } from './print.ts'

/** What people are called for besides temperatures that are out. */
export type ConditionCause = Exclude<Cause, Direction>

/** What a message has to say, in the words of its language; numbers without their unit. */
export interface IncidentWords {
  readonly demo: boolean
  readonly grade: Severity
  readonly suspected: boolean
  /** Why people are told once more; null for the first time. */
  readonly repeat: 'worse' | 'again' | null
  readonly state: Cause | 'freeze'
  /** Null where nothing was measured that has a limit. */
  readonly measured: {
    readonly direction: Direction
    readonly value: string
    readonly limit: string
    /** The limit is one of a label. */
    readonly byLabel: boolean
  } | null
  readonly site: string
  readonly place: string
  readonly since: string
  readonly lots: string
  readonly code: string
  /** Of what is over: a reading showed that it is well again, and not a fact alone ended it. */
  readonly isBack: boolean
}

/** The sentences of one language. */
export interface Dictionary {
  /** Longest text, in UTF-16 units. Two concatenated SMS have 67 each; in China the sender's name stands in front. */
  readonly textUnitsMax: number
  readonly demo: string
  readonly suspected: string
  readonly grade: Readonly<Record<Severity, string>>
  readonly state: Readonly<Record<Cause | 'freeze', string>>
  /** The value and its limit, after what is wrong; empty where nothing was measured. */
  readonly measured: (measured: IncidentWords['measured']) => string
  readonly lots: (count: number) => string
  /** The first words, which say what it is. */
  readonly head: (words: IncidentWords) => string
  readonly incident: (words: IncidentWords) => string
  /** `since` is when it came back into range; `value` the most extreme value before. */
  readonly over: (words: IncidentWords) => string
  readonly overHead: (words: Pick<IncidentWords, 'demo' | 'measured' | 'isBack'>) => string
  /** A correction showed that it never was. */
  readonly withdrawn: (words: Pick<IncidentWords, 'demo' | 'site' | 'place' | 'code'>) => string
  readonly withdrawnHead: (words: Pick<IncidentWords, 'demo'>) => string
  readonly test: (words: Pick<IncidentWords, 'demo' | 'site' | 'since' | 'code'>) => string
  readonly testHead: (words: Pick<IncidentWords, 'demo'>) => string
}

/** Of a carrier's two segments (2 x 67), what is left beside a sender's name of 12 characters in brackets. */
const UNITS_MAX_ZH = 120
const UNITS_MAX_EN = 134

const zh: Dictionary = {
  textUnitsMax: UNITS_MAX_ZH,
  demo: '演示',
  suspected: '疑似',
  grade: { warning: '预警', alarm: '报警' },
  state: {
    warm: '偏高',
    cold: '偏低',
    freeze: '冻结风险',
    silence: '无温度数据',
    door: '门未关',
    power: '停电',
    battery: '电量低',
    cadence: '记录间隔过长',
  },
  measured: (measured) => valueZh({ measured }),
  lots: (count) => (count === 0 ? '无在库记录' : `${count}批疫苗`),
  head: (words) => {
    const grade = zh.grade[words.grade]
    const repeated = { worse: `${grade}加重`, again: `再次${grade}` }
    const call = words.repeat === null ? grade : repeated[words.repeat]
    return `${mark(zh, words)}${call}${words.suspected ? '(疑似)' : ''}`
  },
  incident: (words) => {
    const { state, site, place, since, lots, code } = words
    return `${zh.head(words)} ${zh.state[state]}${valueZh(words)} ${site} ${place} ${since}起 ${lots} 编号${code}`
  },
  overHead: (words) => `${mark(zh, words)}${words.isBack ? '恢复正常' : '不再判定'}`,
  over: (words) => {
    const { state, site, place, since, lots, code, measured } = words
    const peak = measured?.direction === 'warm' ? '最高' : '最低'
    const was = `曾${state === 'freeze' ? '有' : ''}${zh.state[state]}${valueZh(words, peak)}`
    return `${zh.overHead(words)} ${site} ${place} ${since}起 ${was} ${lots} 编号${code}`
  },
  withdrawnHead: (words) => `${mark(zh, words)}更正`,
  withdrawn: (words) => {
    const { site, place, code } = words
    return `${zh.withdrawnHead(words)} ${site} ${place} 记录更正后并无异常 编号${code}`
  },
  testHead: (words) => `【测试】${mark(zh, words)}通知测试`,
  test: (words) => `${zh.testHead(words)} ${words.site} ${words.since} 无需处置 编号${words.code}`,
}

const en: Dictionary = {
  textUnitsMax: UNITS_MAX_EN,
  demo: 'DEMO',
  suspected: 'suspected',
  grade: { warning: 'WARNING', alarm: 'ALARM' },
  state: {
    warm: 'too warm',
    cold: 'too cold',
    freeze: 'FREEZE RISK',
    silence: 'no temperature received',
    door: 'door open',
    power: 'no mains power',
    battery: 'battery low',
    cadence: 'records too far apart',
  },
  measured: (measured) => valueEn({ measured }),
  lots: (count) => (count === 0 ? 'No stock recorded' : count === 1 ? '1 lot' : `${count} lots`),
  head: (words) => {
    const repeated = { worse: ', worse', again: ' again' }
    const repeat = words.repeat === null ? '' : repeated[words.repeat]
    return `${mark(en, words)}${en.grade[words.grade]}${repeat}${words.suspected ? ', suspected' : ''}`
  },
  incident: (words) => {
    const { state, site, place, since, lots, code } = words
    return `${en.head(words)}: ${en.state[state]}${valueEn(words)}. ${place}, ${site}. Since ${since}. ${lots}. #${code}`
  },
  overHead: (words) => {
    const back = words.measured === null ? 'BACK TO NORMAL' : 'BACK IN RANGE'
    return `${mark(en, words)}${words.isBack ? back : 'NO LONGER JUDGED'}`
  },
  over: (words) => {
    const { state, site, place, since, lots, code } = words
    const was = `Was ${en.state[state]}${valueEn(words, ', peak')}`
    return `${en.overHead(words)} since ${since}: ${place}, ${site}. ${was}. ${lots}. #${code}`
  },
  withdrawnHead: (words) => `${mark(en, words)}CORRECTED`,
  withdrawn: (words) => {
    const { site, place, code } = words
    return `${en.withdrawnHead(words)}: ${place}, ${site}. By the corrected record nothing was wrong. #${code}`
  },
  testHead: (words) => `[TEST] ${mark(en, words)}Notification test`,
  test: (words) => `${en.testHead(words)}: ${words.site}. ${words.since}. No action needed. #${words.code}`,
}

/** Both languages; the type sees to it that none lacks a sentence. */
export const dictionaries: Readonly<Record<Language, Dictionary>> = { zh, en }

/** Stands in front of everything a demonstration sends. */
function mark(dictionary: Dictionary, { demo }: { readonly demo: boolean }): string {
  return demo ? `${dictionary.demo} ` : ''
}

/** The value and its limit, after whatever says what value it is; empty where nothing was measured. */
function valueZh({ measured }: Pick<IncidentWords, 'measured'>, peak = ''): string {
  if (measured === null) return ''
  const { direction, value, limit, byLabel } = measured
  const side = direction === 'warm' ? '上限' : '下限'
  const bound = `${byLabel ? '标签' : ''}${side}${withUnit(limit, 'zh')}`
  return ` ${peak}${withUnit(value, 'zh')}(${bound})`
}

function valueEn({ measured }: Pick<IncidentWords, 'measured'>, peak = ''): string {
  if (measured === null) return ''
  const limit = `${measured.byLabel ? 'label limit' : 'limit'} ${withUnit(measured.limit, 'en')}`
  return `${peak} ${withUnit(measured.value, 'en')} (${limit})`
}

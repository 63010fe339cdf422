import type { Direction, Language, Severity } from '../../domain/index.ts'
import { withUnit } from './print.ts'

/** What a message has to say, in the words of its language; numbers without their unit. */
export interface IncidentWords {
  readonly demo: boolean
  readonly grade: Severity
  readonly suspected: boolean
  /** Why people are told once more; null for the first time. */
  readonly repeat: 'worse' | 'again' | null
  readonly state: Direction | 'freeze'
  readonly direction: Direction
  readonly value: string
  readonly limit: string
  readonly site: string
  readonly place: string
  readonly since: string
  readonly lots: string
  readonly code: string
}

/** The sentences of one language. */
export interface Dictionary {
  /** Longest text, in UTF-16 units. Two concatenated SMS have 67 each; in China the sender's name stands in front. */
  readonly textUnitsMax: number
  readonly demo: string
  readonly suspected: string
  readonly grade: Readonly<Record<Severity, string>>
  readonly state: Readonly<Record<Direction | 'freeze', string>>
  readonly lots: (count: number) => string
  /** The first words, which say what it is. */
  readonly head: (words: IncidentWords) => string
  readonly incident: (words: IncidentWords) => string
  /** `since` is when it came back into range; `value` the most extreme value before. */
  readonly over: (words: IncidentWords) => string
  readonly overHead: (words: Pick<IncidentWords, 'demo'>) => string
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
  state: { warm: '偏高', cold: '偏低', freeze: '冻结风险' },
  lots: (count) => (count === 0 ? '无在库记录' : `${count}批疫苗`),
  head: (words) => {
    const grade = zh.grade[words.grade]
    const repeated = { worse: `${grade}加重`, again: `再次${grade}` }
    const call = words.repeat === null ? grade : repeated[words.repeat]
    return `${mark(zh, words)}${call}${words.suspected ? '(疑似)' : ''}`
  },
  incident: (words) => {
    const { state, site, place, since, lots, code } = words
    const value = `${withUnit(words.value, 'zh')}(${limitZh(words)})`
    return `${zh.head(words)} ${zh.state[state]} ${value} ${site} ${place} ${since}起 ${lots} 编号${code}`
  },
  overHead: (words) => `${mark(zh, words)}恢复正常`,
  over: (words) => {
    const { state, site, place, since, lots, code, direction } = words
    const peak = `${direction === 'warm' ? '最高' : '最低'}${withUnit(words.value, 'zh')}`
    const was = `曾${state === 'freeze' ? '有' : ''}${zh.state[state]} ${peak}(${limitZh(words)})`
    return `${zh.overHead(words)} ${site} ${place} ${since}起 ${was} ${lots} 编号${code}`
  },
  withdrawnHead: (words) => `${mark(zh, words)}更正`,
  withdrawn: (words) => {
    const { site, place, code } = words
    return `${zh.withdrawnHead(words)} ${site} ${place} 记录更正后并未超出范围 编号${code}`
  },
  testHead: (words) => `【测试】${mark(zh, words)}通知测试`,
  test: (words) => `${zh.testHead(words)} ${words.site} ${words.since} 无需处置 编号${words.code}`,
}

const en: Dictionary = {
  textUnitsMax: UNITS_MAX_EN,
  demo: 'DEMO',
  suspected: 'suspected',
  grade: { warning: 'WARNING', alarm: 'ALARM' },
  state: { warm: 'too warm', cold: 'too cold', freeze: 'FREEZE RISK' },
  lots: (count) => (count === 0 ? 'No stock recorded' : count === 1 ? '1 lot' : `${count} lots`),
  head: (words) => {
    const repeated = { worse: ', worse', again: ' again' }
    const repeat = words.repeat === null ? '' : repeated[words.repeat]
    return `${mark(en, words)}${en.grade[words.grade]}${repeat}${words.suspected ? ', suspected' : ''}`
  },
  incident: (words) => {
    const { state, site, place, since, lots, code } = words
    const value = `${withUnit(words.value, 'en')} (limit ${withUnit(words.limit, 'en')})`
    return `${en.head(words)}: ${en.state[state]} ${value}. ${place}, ${site}. Since ${since}. ${lots}. #${code}`
  },
  overHead: (words) => `${mark(en, words)}BACK IN RANGE`,
  over: (words) => {
    const { state, site, place, since, lots, code } = words
    const was = `Was ${en.state[state]}, peak ${withUnit(words.value, 'en')} (limit ${withUnit(words.limit, 'en')})`
    return `${en.overHead(words)} since ${since}: ${place}, ${site}. ${was}. ${lots}. #${code}`
  },
  withdrawnHead: (words) => `${mark(en, words)}CORRECTED`,
  withdrawn: (words) => {
    const { site, place, code } = words
    return `${en.withdrawnHead(words)}: ${place}, ${site}. By the corrected record it was never out of range. #${code}`
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

function limitZh({ direction, limit }: IncidentWords): string {
  return `${direction === 'warm' ? '上限' : '下限'}${withUnit(limit, 'zh')}`
}

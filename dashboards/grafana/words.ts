import { en } from './words-en.ts'
import { type Words, zh } from './words-zh.ts'

export type { PanelWords } from './panel-words.ts'
export type { Words } from './words-zh.ts'

/** Languages of the dashboards: one set of them each. */
export type Language = 'zh' | 'en'
/** All of them. */
export const languages: readonly Language[] = ['zh', 'en']
/** The dictionary. */
export const dictionary: Readonly<Record<Language, Words>> = { zh, en }

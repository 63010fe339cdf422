import { en } from './words-en.ts'
import { type Words, zh } from './words-zh.ts'

export type { Words } from './words-zh.ts'

/** Languages of the page. */
export type Language = 'zh' | 'en'

/** The dictionary. */
export const dictionary: Readonly<Record<Language, Words>> = { zh, en }

import { computed, signal } from '@preact/signals'
import { keep, kept } from './doors.ts'
import { dictionary, type Language } from './words.ts'

const KEPT = 'isotherm.language'

/** The language of the page: the one chosen in this browser, else Chinese for whoever prefers it, else English. */
export const language = signal<Language>(first())
/** Its words. */
export const words = computed(() => dictionary[language.value])

function first(): Language {
  const chosen = kept(KEPT)
  if (chosen === 'zh' || chosen === 'en') return chosen
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** Changes the language, here and for the next visit. */
export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh'
  keep(KEPT, language.value)
}

/** The name of a thing in the language of the page; Chinese where it has no English one. */
export function nameOf(thing: { readonly name: string; readonly nameEn: string | null }): string {
  return language.value === 'en' ? (thing.nameEn ?? thing.name) : thing.name
}

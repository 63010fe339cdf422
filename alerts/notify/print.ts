import type { Language } from '../../domain/index.ts'

/** Within this distance of a limit a second decimal is shown, so that no value looks as if it were in range. */
const NEAR_LIMIT_MILLI_C = 50

/**
 * A temperature with its limit as people read them: one decimal, two within 0.05 of the limit, and more where the
 * number would otherwise read like the limit, or like zero, without being it. Half away from zero, `-` as minus.
 */
export function printedValue(milliC: number, limitMilliC: number): string {
  if (milliC === limitMilliC) return printedLimit(limitMilliC)
  let decimals = Math.abs(milliC - limitMilliC) <= NEAR_LIMIT_MILLI_C ? 2 : 1
  while (readsLikeAnother(milliC, limitMilliC, decimals) || readsLikeAnother(milliC, 0, decimals)) {
    decimals += 1
  }
  return decimal(milliC, decimals)
}

/** A limit: as many decimals as it has, at least one. */
export function printedLimit(milliC: number): string {
  return decimal(milliC, milliC % 100 === 0 ? 1 : milliC % 10 === 0 ? 2 : 3)
}

/** With the unit of the language: `4.2 ℃`, `4.2 °C`. */
export function withUnit(number: string, language: Language): string {
  return language === 'zh' ? `${number} ℃` : `${number} °C`
}

function readsLikeAnother(milliC: number, other: number, decimals: number): boolean {
  return milliC !== other && decimals < 3 && rounded(milliC, decimals) === rounded(other, decimals)
}

/** In units of the last decimal. */
function rounded(milliC: number, decimals: number): number {
  const step = 10 ** (3 - decimals)
  const size = Math.floor((Math.abs(milliC) + step / 2) / step)
  return milliC < 0 && size !== 0 ? -size : size
}

function decimal(milliC: number, decimals: number): string {
  const last = rounded(milliC, decimals)
  const digits = String(Math.abs(last)).padStart(decimals + 1, '0')
  return `${last < 0 ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
}

/** An instant at a site: `11-24 03:05 UTC+8`. Throws where the zone is not an IANA zone. */
export function printedInstant(atMs: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  }).formatToParts(atMs)
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((each) => each.type === type)?.value ?? ''
  const offset = part('timeZoneName').replace('GMT', 'UTC').replace('\u2212', '-')
  return `${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${offset}`
}

const ELLIPSIS = '…'
const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' })

/** At most `units` UTF-16 units (as SMS counts them), never half a character; what is cut ends with an ellipsis. */
export function clipped(text: string, units: number): string {
  if (text.length <= units) return text
  if (units < ELLIPSIS.length) return ''
  return `${beginning(text, units - ELLIPSIS.length)}${ELLIPSIS}`
}

/** One line of text without control characters, at most `units` UTF-16 units long. */
export function printable(text: string, units: number): string {
  return beginning(text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), units)
}

/** Digits as telephone numbers are written, with single spaces, dashes or brackets between them. */
const LONG_NUMBER = /\+?\p{Nd}(?:[ ()-]?\p{Nd}){6,}/gu
/** As many digits tell one subscriber from another, with or without the code of the country. */
const SUBSCRIBER_DIGITS = 8

/** The text without anything that could be a telephone number. */
export function withoutNumbers(text: string): string {
  return text.replaceAll(LONG_NUMBER, ELLIPSIS)
}

/** Whether a text has the telephone number in it, however it is written. */
export function hasNumber(text: string, number: string): boolean {
  const digits = (each: string): string => each.replaceAll(/\P{Nd}/gu, '')
  const subscriber = digits(number).slice(-SUBSCRIBER_DIGITS)
  return subscriber !== '' && digits(text).includes(subscriber)
}

function beginning(text: string, units: number): string {
  let kept = ''
  for (const { segment } of segmenter.segment(text)) {
    if (kept.length + segment.length > units) break
    kept += segment
  }
  return kept.trimEnd()
}

/**
 * A name somebody entered, fit for a message: one line, never empty, and without links and long numbers, because
 * carriers refuse whole messages for them.
 */
export function plainName(name: string): string {
  const plain = name
    .replaceAll(/[\p{Cf}\p{Cs}]/gu, '')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll(/(?:https?:\/\/|www\.)[^\s\p{Script=Han}]*/giu, ELLIPSIS)
    .replaceAll(/\p{Nd}{7,}|1\p{Nd}{2}[ -]\p{Nd}{4}[ -]\p{Nd}{4}/gu, ELLIPSIS)
    .trim()
  return plain === '' ? '-' : plain
}

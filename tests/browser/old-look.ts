import { expect } from 'vitest'
import type { OldPage } from '../support/chromium-80.ts'
import type { City } from './city.ts'

const painted = `(() => {
  const canvas = document.querySelector('.chart canvas')
  if (canvas === null || canvas.width === 0) return false
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((each) => each !== 0)
})()`

/** Signs in, sees a value change and a place with its chart. */
export async function signInAndLook(page: OldPage, city: City): Promise<void> {
  await page.goto(city.address)
  expect(await page.evaluate('navigator.userAgent')).toContain('Chrome/80.')
  await page.until('document.querySelector("[name=password]") !== null')
  const fill = (name: string, value: string): string =>
    `document.querySelector('[name=${name}]').value = ${JSON.stringify(value)}`
  await page.evaluate(fill('username', 'li'))
  await page.evaluate(fill('password', city.passwords.get('li') ?? ''))
  await page.evaluate('document.querySelector("button[type=submit]").click()')
  await page.until('document.querySelector("[data-place=ilr-e]") !== null')
  await city.send('ilr-e', 3.3)
  await page.until(`(document.querySelector('[data-place=ilr-e] .number') || {}).textContent === '3.3'`)
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  await page.evaluate('document.querySelector("[data-place=ilr-e]").click()')
  await page.until(painted)
  expect(await page.evaluate('document.querySelector(".place-head .mark").textContent')).toBe('正常')
}

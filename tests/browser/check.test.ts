import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../support/browser.ts'
import { missingProgram } from '../support/services.ts'
import { City } from './city.ts'

const WAIT_MS = 15_000
const missing = missingProgram('chromium', 'chromium')

describe.skipIf(missing !== undefined)('checks in Chromium', () => {
  const city = new City()
  let browser: Browser

  beforeAll(async () => {
    browser = await launchChromium()
    await city.open()
    await city.furnish()
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await city.close()
  })

  async function signedIn(name: string, locale: string): Promise<Page> {
    const context = await browser.newContext({ locale, timezoneId: 'Europe/Berlin' })
    context.setDefaultTimeout(WAIT_MS)
    const page = await context.newPage()
    await page.goto(city.address)
    await page.fill('[name=username]', name)
    await page.fill('[name=password]', city.passwords.get(name) ?? '')
    await page.click('button[type=submit]')
    await page.waitForSelector('.tile')
    return page
  }

  test('minima and maxima count from the last check, which another screen is told at once', {
    timeout: 90_000,
  }, async () => {
    await city.sendAll('freezer-1', [
      [20, -25.2],
      [10, -18.4],
      [0, -21.4],
    ])
    const wall = await signedIn('zhou', 'en-GB')
    const tile = '[data-place=freezer-1]'
    await wall.waitForSelector(`${tile} [data-since=today]:has-text("-18.4 °C")`)
    expect(await wall.innerText(`${tile} .today`)).toMatch(/^Today -2[51]\.\d to -18\.4 °C/)

    const page = await signedIn('li', 'zh-CN')
    await page.click(tile)
    await page.waitForSelector('.last-check:has-text("尚无查看记录")')
    await page.fill('.place-check [name=note]', '门已关好')
    // twice in one go, before the first is answered and the note is gone: both are recorded, and nothing fails
    await page.evaluate(
      `const button = document.querySelector('.place-check .act'); button.click(); button.click()`,
    )
    await page.waitForSelector('.last-check:has-text("li（您） · 门已关好")')
    expect(await page.innerText('.last-check')).toMatch(/^上次查看 \d\d:\d\d li（您） · 门已关好$/)
    await page.waitForSelector('[data-point=freezer-1-1] [data-since=check]:has-text("-21.4～-21.4 ℃")')
    expect(await page.locator('.place-check .told').count()).toBe(0)
    await page.waitForSelector('.checks li:has-text("li（您）") >> text=门已关好')

    await wall.waitForSelector(`${tile} [data-since=check]:has-text("-21.4 to -21.4 °C")`)
    await city.send('freezer-1', -20.6)
    await wall.waitForSelector(`${tile} .today:has-text("-21.4 to -20.6 °C")`)
    // what has been is not forgotten with the next reading
    await city.send('freezer-1', -21.2)
    await wall.waitForSelector(`${tile} .number:text-is("-21.2")`)
    expect(await wall.innerText(`${tile} .today`)).toMatch(/^Since check \d\d:\d\d -21\.4 to -20\.6 °C$/)

    await wall.click(tile)
    await wall.waitForSelector('.last-check:has-text("by li")')
    expect(await wall.locator('.place-check button, .place-check input').count()).toBe(0)
  })
})

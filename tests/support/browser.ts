import { type Browser, chromium } from 'playwright-core'
import { programPath } from './services.ts'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** The Chromium of this machine, without a window; `missingProgram` says whether there is one. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: programPath('chromium') ?? '', args: flags })
}

/** One thing the doctor looked at. `remedy` only where something is to be done. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'note' | 'bad'
  readonly found: string
  readonly remedy?: string
}

/** What to do where something runs and `key` leads this command past it. */
export function sameSettings(key: string): string {
  return `Give this command the settings of the one that runs: ${key}, the same file and environment.`
}

/** What to do where nothing runs. */
export const HOW_TO_START = 'Start it: `npm start -- --no-demo`, or `npm start` for the demonstration.'

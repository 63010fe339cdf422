/** One thing the doctor looked at. `remedy` only where something is to be done. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'note' | 'bad'
  readonly found: string
  readonly remedy?: string
}

/** What to do where nothing runs. */
export const HOW_TO_START = 'Start it: `npm start -- --no-demo`, or `npm start` for the demonstration.'

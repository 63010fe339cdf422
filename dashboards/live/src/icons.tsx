import type { State } from './standing.ts'

const strokes: Readonly<Record<State, string>> = {
  in: 'M5 12.5 10 17.5 19 7',
  warm: 'M12 20V5M5.5 11 12 4.5 18.5 11',
  cold: 'M12 4v15M5.5 13 12 19.5 18.5 13',
  freeze: 'M12 3v18M4.2 7.5l15.6 9M19.8 7.5l-15.6 9M9.5 4.6 12 7l2.5-2.4M9.5 19.4 12 17l2.5 2.4',
  unknown: 'M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.200-1.500 2.300M12 18.600v.2',
  near: 'M12 6v8M12 18v.3',
  cooling: 'M12 4v12M7.500 11.500 12 16l4.500-4.500M6 20h12',
  unjudged: 'M6 12h12',
  idle: 'M9 7v10M15 7v10',
}

/** The glyph of a state: its word stands beside it, so it says nothing to a screen reader. */
export function StateGlyph({ state }: { readonly state: State }) {
  return <Stroke path={strokes[state]} />
}

const others = {
  sound: 'M4 9.500h3.500L12 5.500v13l-4.500-4H4zM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11',
  silent: 'M4 9.500h3.500L12 5.500v13l-4.500-4H4zM16 9.500l5 5M21 9.500l-5 5',
  up: 'M5 17 19 7M19 7h-7M19 7v7',
  down: 'M5 7l14 10M19 17h-7M19 17v-7',
  flat: 'M4 12h15M19 12l-5-5M19 12l-5 5',
  box: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8',
  back: 'M19 12H5M11 6l-6 6 6 6',
  phone: 'M4 5h16v11H10l-4.500 4v-4H4z',
} as const

/** A glyph that is no state. */
export function Glyph({ of }: { readonly of: keyof typeof others }) {
  return <Stroke path={others[of]} />
}

function Stroke({ path }: { readonly path: string }) {
  return (
    <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  )
}

import { StateGlyph } from './icons.tsx'
import { words } from './language.ts'
import type { PointStanding, State } from './standing.ts'
import type { Words } from './words.ts'

const named = {
  in: 'stateIn',
  warm: 'stateWarm',
  cold: 'stateCold',
  freeze: 'stateFreeze',
  unknown: 'stateUnknown',
  near: 'stateNear',
  cooling: 'stateCooling',
  unjudged: 'stateUnjudged',
  idle: 'stateIdle',
} as const satisfies Readonly<Record<State, keyof Words>>

/** The word of a state. */
export function stateWord(state: State): string {
  return words.value[named[state]]
}

/** A state as word, glyph and hue: never by hue alone. */
export function StateMark(props: { readonly state: State; readonly of: PointStanding | undefined }) {
  const { state, of } = props
  const direction = of?.direction
  const which = direction === 'warm' ? words.value.nearWarm : words.value.nearCold
  return (
    <span class={`mark mark-${state}`}>
      <StateGlyph state={state} />
      <span>
        {state === 'unknown' && of?.isFaulty === true ? words.value.stateFault : stateWord(state)}
        {state === 'near' && direction !== undefined ? ` · ${which}` : ''}
      </span>
    </span>
  )
}

import {
  MappingType,
  type ValueMapping,
  type ValueMappingResult,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { colours, PLAIN } from './colours.ts'
import type { Words } from './words.ts'

type Mapped = Readonly<Record<string, readonly [text: string, color?: string]>>

function values(mapped: Mapped): ValueMapping[] {
  const options = Object.entries(mapped).map(
    ([value, [text, color]], index): [string, ValueMappingResult] => [
      value,
      { text, index, ...(color === undefined ? {} : { color }) },
    ],
  )
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }]
}

/** Words of a door contact. */
export function doorMappings({ states }: Words): ValueMapping[] {
  return values({ true: [states.doorOpen, colours.near], false: [states.doorClosed, colours.unknown] })
}

/** Words of mains power. */
export function powerMappings({ states }: Words): ValueMapping[] {
  return values({ true: [states.powerOn, colours.unknown], false: [states.powerOff, colours.warm] })
}

/** Words of how far a finding is. */
export function stateMappings({ states }: Words): ValueMapping[] {
  return values({ open: [states.open, colours.warm], over: [states.over, PLAIN] })
}

/** Words of whether a finding is sure. */
export function confirmedMappings({ states }: Words): ValueMapping[] {
  return values({ true: [states.confirmed], false: [states.suspected] })
}

/** Words of kinds of places. */
export function kindMappings({ kinds }: Words): ValueMapping[] {
  return values(Object.fromEntries(Object.entries(kinds).map(([kind, word]) => [kind, [word]])))
}

/** Words of kinds of findings that are no excursions. */
export function findingKindMappings({ findingKinds }: Words): ValueMapping[] {
  return values(Object.fromEntries(Object.entries(findingKinds).map(([kind, word]) => [kind, [word]])))
}

/** 1 is good and 0 is not. */
export function upMappings({ states }: Words): ValueMapping[] {
  return values({ 1: [states.up, colours.inRange], 0: [states.down, colours.warm] })
}

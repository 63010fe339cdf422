/**
 * Hues of states, which eyes without red or green can tell apart as well (after Okabe and Ito, 2008, some lighter); a
 * word always stands beside them.
 */
export const colours = {
  inRange: '#009E73',
  warm: '#D55E00',
  cold: '#0072B2',
  near: '#F5C242',
  unknown: '#D0D0D0',
} as const

/** The colour of text: for numbers that are neither good nor bad. */
export const PLAIN = 'text'

/**
 * Hues of states, which eyes without red or green can tell apart as well (after Okabe and Ito, 2008); a word always
 * stands beside them.
 */
export const colours = {
  inRange: '#009E73',
  warm: '#D55E00',
  cold: '#0072B2',
  near: '#E69F00',
  unknown: '#8C8C8C',
} as const

/** The colour of text: for numbers that are neither good nor bad. */
export const PLAIN = 'text'

import { expect, test } from 'vitest'
import { colours } from '../../dashboards/grafana/colours.ts'

/** How eyes without one kind of cone see linear RGB (Machado and others, 2009, severity 1). */
const eyes = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'without red': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'without green': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
} as const

type Three = readonly [number, number, number]

function linear(hex: string): Three {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return [r, g, b]
}

function times(matrix: readonly Three[], [a, b, c]: Three): Three {
  const [x = 0, y = 0, z = 0] = matrix.map(([p, q, r]) => Math.min(1, Math.max(0, p * a + q * b + r * c)))
  return [x, y, z]
}

/** CIE L*a*b* of linear RGB, D65. */
function lab(rgb: Three): Three {
  const [x, y, z] = times(
    [
      [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
    ],
    rgb,
  )
  const f = (t: number) => (t > 216 / 24_389 ? Math.cbrt(t) : ((24_389 / 27) * t + 16) / 116)
  return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))]
}

test.each(Object.entries(eyes))('colours of states differ plainly for eyes %s', (_, matrix) => {
  const seen = Object.entries(colours).map(([name, hex]) => [name, lab(times(matrix, linear(hex)))] as const)
  for (const [index, [name, a]] of seen.entries()) {
    for (const [other, b] of seen.slice(index + 1)) {
      // 2.3 is just noticeable; ten times that is seen at a glance
      expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]), `${name} and ${other}`).toBeGreaterThan(23)
    }
  }
})

/** A seed of its own for something named, so that one more device does not change what the others do. */
export function seedFor(seed: number, name: string): number {
  let mixed = seed >>> 0
  for (let at = 0; at < name.length; at += 1) mixed = scrambled(mixed ^ name.charCodeAt(at))
  return mixed
}

/** A number in [0, 1) that depends on the seed and a whole number (an instant, a minute, a day) and nothing else. */
export function chance(seed: number, key: number): number {
  const high = Math.floor(key / 2 ** 32)
  return scrambled(scrambled(seed ^ (key >>> 0)) ^ high) / 2 ** 32
}

/** About normally distributed, mean 0, standard deviation 1, never beyond 3: the sum of four chances. */
export function bell(seed: number, key: number): number {
  let sum = 0
  for (let part = 1; part <= 4; part += 1) sum += chance(seed ^ (part * 0x9e3779b9), key)
  return Math.max(-3, Math.min(3, (sum - 2) * Math.sqrt(3)))
}

/** Spreads every bit over all others (multiplications by odd constants between shifts: a bijection of 32 bits). */
function scrambled(value: number): number {
  let mixed = (value + 0x9e3779b9) >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

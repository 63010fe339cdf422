/** A sorted copy. Browsers at the floor have no `toSorted`. */
export function sorted<T>(items: Iterable<T>, compare: (a: T, b: T) => number): readonly T[] {
  // oxlint-disable-next-line unicorn/no-array-sort -- toSorted is younger than the browsers this page is for
  return [...items].sort(compare)
}

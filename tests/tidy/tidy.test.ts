import { describe, expect, test } from 'vitest'
import { doorFindings, exceptions } from './doors.ts'
import { layerFindings, layers } from './layers.ts'
import { lengthFindings, nameFindings, remedyFindings } from './shape.ts'
import { type Finding, files, read, shown, sourceOf, sources, topFolder } from './source.ts'
import { placeFindings, wordFindings } from './words.ts'

const all = sources()
const list = (findings: readonly Finding[]) => findings.map(shown)
const whats = (findings: readonly Finding[]) => findings.map(({ line, what }) => `${line}: ${what}`)
/** Files that have to name what is looked for. */
const looksForPlaces = (path: string) => path === '.gitignore' || path.startsWith('tests/tidy/')

describe('the repository', () => {
  test('has sources to look at', () => {
    expect(all.length).toBeGreaterThan(50)
    expect(all.map(({ path }) => path)).toContain('domain/problem.ts')
  })

  test('imports in the direction of the layers only', () => {
    expect(list(all.flatMap(layerFindings))).toEqual([])
  })

  test('has a folder for every layer', () => {
    const folders = new Set(all.map(({ path }) => topFolder(path)))
    expect(Object.keys(layers).filter((name) => !folders.has(name))).toEqual([])
  })

  test('touches the world through app/doors only', () => {
    expect(list(all.flatMap((source) => doorFindings(source)))).toEqual([])
  })

  test('has no exception that is not needed any more', () => {
    const unneeded = exceptions.filter(({ path, door }) => {
      const source = all.find((one) => one.path === path)
      const others = exceptions.filter((row) => row.path !== path || row.door !== door)
      return source === undefined || doorFindings(source, others).length === 0
    })
    expect(unneeded).toEqual([])
  })

  test('has no function, file or line that is too long', () => {
    expect(list(all.flatMap(lengthFindings))).toEqual([])
  })

  test('has no name that says nothing', () => {
    expect(list(files().flatMap(nameFindings))).toEqual([])
  })

  test('uses no banned word', () => {
    expect(list(all.flatMap((source) => wordFindings(source)))).toEqual([])
  })

  test('gives every Problem a remedy', () => {
    expect(list(all.flatMap(remedyFindings))).toEqual([])
  })

  test('names no place that exists on one machine only', () => {
    expect(
      list(
        files()
          .filter((path) => !looksForPlaces(path))
          .flatMap((path) => placeFindings(path, read(path))),
      ),
    ).toEqual([])
  })
})

describe('each check can fail', () => {
  test.each([
    ['domain/a.ts', "import { b } from 'node:path'", 'imports node:path'],
    ['domain/a.ts', "import { b } from 'yaml'", 'imports the package yaml, which is not of this layer'],
    [
      'store/a.ts',
      "import { b } from '../journal/index.ts'",
      'imports journal, which this layer may not see',
    ],
    [
      'store/a/b.ts',
      "export { b } from '../../gateway/index.ts'",
      'imports gateway, which this layer may not see',
    ],
    ['ingest/a.ts', "import { b } from '../store/index.ts'", 'imports store, which this layer may not see'],
    [
      'app/a.ts',
      "import { b } from '../journal/disk.ts'",
      'imports journal/disk.ts, the inside of another folder',
    ],
    [
      'app/a.ts',
      "import b from '@fastify/cookie/x'",
      'imports the package @fastify/cookie, which is not of this layer',
    ],
    ['app/a.ts', "import { b } from './b'", 'imports ./b'],
    ['app/a.ts', 'await import(name)', 'imports what is computed at run time'],
    ['billing/a.ts', 'export {}', 'the folder billing has no layer'],
  ])('layers: %s: %s', (path, text, what) => {
    expect(whats(layerFindings(sourceOf(path, text)))).toEqual([`1: ${what}`])
  })

  test('layers: types of a seam are allowed where the table says so', () => {
    expect(layerFindings(sourceOf('ingest/a.ts', "import type { B } from '../store/index.ts'"))).toEqual([])
  })

  test.each([
    'Date.now()',
    'new Date()',
    'new Date( )',
    'const a = Date()',
    'performance.now()',
    'setTimeout(a, 1)',
    'setImmediate(a)',
    'Math.random()',
    'randomBytes(3)',
    'crypto.randomUUID()',
    "process.env['A']",
    'console.log(1)',
    "fetch('x')",
    "import { readFile } from 'node:fs/promises'",
    "import { createServer } from 'node:net'",
    "import { setTimeout as sleep } from 'node:timers/promises'",
  ])('doors: %s', (text) => {
    expect(doorFindings(sourceOf('gateway/a.ts', text))).not.toEqual([])
    expect(doorFindings(sourceOf('app/doors/a.ts', text))).toEqual([])
    expect(doorFindings(sourceOf('tests/a.ts', text))).toEqual([])
  })

  test.each([
    "new Date('2026-01-01')",
    'new Date(ms).toISOString()',
    'clock.setTimeout(a)',
    'ports.fetch(a)',
    "'Date.now()'",
    '// Date.now()',
    "import type { Socket } from 'node:net'",
    'process.nextTick(a)',
    'prefetch(a)',
  ])('doors leave alone: %s', (text) => {
    expect(doorFindings(sourceOf('gateway/a.ts', text))).toEqual([])
  })

  test('doors: an exception is for one file and one door', () => {
    const rows = [{ path: 'gateway/a.ts', door: 'time', reason: 'test' }]
    expect(doorFindings(sourceOf('gateway/a.ts', 'Date.now()'), rows)).toEqual([])
    expect(doorFindings(sourceOf('gateway/b.ts', 'Date.now()'), rows)).toHaveLength(1)
    expect(doorFindings(sourceOf('gateway/a.ts', 'Math.random()'), rows)).toHaveLength(1)
  })

  test('lengths', () => {
    const long = `function a() {\n${'  b()\n'.repeat(68)}}`
    expect(whats(lengthFindings(sourceOf('app/a.ts', long)))).toEqual([
      '1: the function has 70 lines, 69 are allowed',
    ])
    expect(lengthFindings(sourceOf('tests/a.ts', long))).toEqual([])
    expect(whats(lengthFindings(sourceOf('tests/a.ts', '\n'.repeat(300) + 'a')))).toEqual([
      '301: the file has 301 lines, 300 are allowed',
    ])
    expect(whats(lengthFindings(sourceOf('app/a.ts', `// ${'b'.repeat(118)}`)))).toEqual([
      '1: the line has 121 characters, 120 are allowed',
    ])
    expect(whats(lengthFindings(sourceOf('app/a.ts', `a = ${'b'.repeat(107)}`)))).toEqual([
      '1: the code has 111 characters, 110 are allowed',
    ])
    expect(lengthFindings(sourceOf('app/a.ts', `a = '${'b'.repeat(120)}'`))).toEqual([])
  })

  test('names', () => {
    expect(nameFindings('store/utils/a.ts')).toHaveLength(1)
    expect(nameFindings('store/helpers.ts')).toHaveLength(1)
    expect(nameFindings('store/types.test.ts')).toHaveLength(1)
    expect(nameFindings('store/common-cold.ts')).toEqual([])
  })

  test.each([
    '// TODO later',
    "test.only('a', b)",
    "describe.each([1]).only('a', b)",
    "vi.mock('a')",
    "reason: 'quarantined'",
    'export enum A { b }',
    'const enum A { b }',
    'declare namespace A {\n}',
    'class A {\n  @b c() {}\n}',
    "throw new Error('a')",
    "throw new TypeError('a')",
    "throw 'a'",
    "reject(new Error('a'))",
    '// @ts-ignore',
    '// oxlint-disable',
    '// eslint-disable-next-line no-shadow',
  ])('words: %s', (text) => {
    expect(wordFindings(sourceOf(text.includes('.only') ? 'tests/a.ts' : 'app/a.ts', text))).toHaveLength(1)
  })

  test.each([
    "throw new Problem('a', b)",
    'const enumeration = namespace',
    '// oxlint-disable-next-line no-shadow -- the outer one is a type',
    "'throw new Error('",
    "throw 'problem' in answer ? a : b",
    '/** @param a */',
  ])('words leave alone: %s', (text) => {
    expect(wordFindings(sourceOf('app/a.ts', text))).toEqual([])
  })

  test.each([
    ["new Problem('a', { what: 'b' })", 1],
    ["new Problem('a', { what: 'b', remedy: '' })", 1],
    ["new Problem('a', { what: `b ${c({ remedy: 1 })}`, remedy: `` })", 0],
    ["new Problem('a', { what: 'b', remedy: 'c' })", 0],
    ["new Problem('a', { what: 'b', remedy })", 0],
    ["new Problem('a', { ...known, cause })", 0],
    ["new Problem('a', options)", 0],
  ])('remedies: %s', (text, count) => {
    expect(remedyFindings(sourceOf('app/a.ts', text))).toHaveLength(count)
  })

  test.each([
    ['see /home/ci/main/a.ts', 1],
    ["join('/tmp/isotherm')", 1],
    ['https://registry.example.org/a', 1],
    ['"resolved": "https://x/y.tgz"', 1],
    ['https://example.org/home/a', 0],
    ['./tmp/a', 0],
  ])('places: %s', (text, count) => {
    expect(placeFindings('a.md', text)).toHaveLength(count)
  })
})

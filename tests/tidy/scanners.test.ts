import { describe, expect, test } from 'vitest'
import { blank } from './blanked.ts'
import { functionsOf } from './functions.ts'
import { importsOf } from './imports.ts'
import { sourceOf } from './source.ts'

const specifiers = (text: string) =>
  importsOf(sourceOf('x.ts', text)).map(({ specifier, typeOnly }) => `${typeOnly ? 'type ' : ''}${specifier}`)
const lengths = (text: string) => functionsOf(sourceOf('x.ts', text)).map(({ lines }) => lines)

describe('blank', () => {
  test.each([
    ["a = 'x // y' // z", "a = '      '     "],
    ['a /* Date.now */ b', 'a                b'],
    ['a = "it\\"s" + b', 'a = "     " + b'],
    ['a = /[/"]x/g.test(b)', 'a = /     /g.test(b)'],
    ['a = b / c / d', 'a = b / c / d'],
    ['return /x/.test(y)', 'return / /.test(y)'],
    ['`a ${b + `c ${d}`} e` + f', '`  ${b + `  ${d}`}  ` + f'],
    ['`${{ a: 1 }.a} x` + f', '`${{ a: 1 }.a}  ` + f'],
    ["f(')', x)", "f(' ', x)"],
    ["<p class='a'>{b}</p>", "<p class=' '>{b}</p>"],
    ["<a b={c} /> + 'd'", "<a b={c} /> + ' '"],
  ])('%s', (source, code) => {
    expect(blank(source).code).toBe(code)
  })

  test('keeps lines and positions', () => {
    const source = 'a /* one\n two */ b\n`x\ny`\n'
    expect(blank(source)).toEqual({
      code: 'a       \n        b\n` \n `\n',
      text: 'a       \n        b\n`x\ny`\n',
    })
  })
})

describe('importsOf', () => {
  test.each([
    ["import a from './a.ts'", ['./a.ts']],
    ["import './a.ts'", ['./a.ts']],
    ["import * as a from 'node:fs'", ['node:fs']],
    ["import type { A } from './a.ts'", ['type ./a.ts']],
    ["export type { A } from './a.ts'", ['type ./a.ts']],
    ["import { type A, b } from './a.ts'", ['./a.ts']],
    ["import type from './a.ts'", ['./a.ts']],
    ["import {\n  a,\n  // from './no.ts'\n  b,\n} from './a.ts'", ['./a.ts']],
    ["import type { A } from './a.ts'\nimport { b } from './b.ts'", ['type ./a.ts', './b.ts']],
    ["export * from './a.ts'", ['./a.ts']],
    ["const a = await import('./a.ts')", ['./a.ts']],
    ["type A = import('./a.ts').A", ['./a.ts']],
    ["const a = require('./a.ts')", ['./a.ts']],
    ['const a = await import(name)', ['?']],
    ['const a = await import(`./${name}.ts`)', ['?']],
    ["// import a from './a.ts'", []],
    ['const text = "import a from \'./a.ts\'"', []],
    ["const text = `import a from './a.ts'`", []],
    ["Array.from('abc')", []],
    ["const from = 'x'", []],
    ["import.meta.resolve('x')", []],
  ])('%s', (text, expected) => {
    expect(specifiers(text)).toEqual(expected)
  })
})

describe('functionsOf', () => {
  test.each([
    ['function a() {\n}', [2]],
    ['async function a<T>(b: () => T): Promise<{ c: T }> {\n\n}', [3]],
    ['function a(): { b: number } {\n\n\n}', [4]],
    ['function a(): b is { c: 1 } | [d] {\n}', [2]],
    ["function a(): 'x' | `y` {\n}", [2]],
    ['class A {\n  b(c = (1)) {\n  }\n}', [2]],
    ['const a = (b: B): C => {\n}', [2]],
    ['const a = b => {\n}', [2]],
    ['const a = (b) => b', []],
    ['if (a) {\n}\nfor (const b of c) {\n}\nswitch (d) {\n  case (e): {\n  }\n}', []],
    ['interface A {\n  b(): { c: 1 }\n  d: 1\n}', []],
    ['const a = { b: (c), d: {\n} }', []],
    ['outer(() => {\n  inner(() => {\n  })\n})', [4, 2]],
    ["function a() {\n  return '}'\n}", [3]],
  ])('%s', (text, expected) => {
    expect(lengths(text)).toEqual(expected)
  })
})

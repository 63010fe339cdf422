import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configurationSchema, environmentName } from '../../app/config/index.ts'
import { commandLine, wrongInCall } from '../support/documented-calls.ts'
import { explainedPackages, packagesOf, unusedFindings } from './dependencies.ts'
import {
  callsOf,
  codeLines,
  headingLevels,
  pathFindings,
  scriptFindings,
  settingFindings,
} from './documents.ts'
import { folderNames, readmeFindings } from './folders.ts'
import { files, read, root, shown, sourceOf, sources } from './source.ts'

const documents = files().filter((path) => path.endsWith('.md'))
const readmes = ['README.md', 'README.zh-CN.md']
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const settings = Object.keys(configurationSchema.properties).map(environmentName)
const all = files()
const exists = (name: string): boolean => existsSync(join(root, name))
/** A name without a folder may mean a file that many folders have. */
const isNamed = (name: string): boolean => exists(name) || all.some((path) => path.endsWith(`/${name}`))

describe('documents', () => {
  test('name files, scripts and settings that exist', () => {
    const findings = documents.flatMap((path) => {
      const text = read(path)
      return [
        ...pathFindings(path, text, isNamed),
        ...scriptFindings(path, text, Object.keys(scripts)),
        ...settingFindings(path, text, settings),
      ]
    })
    expect(findings.map(shown)).toEqual([])
  })

  test('README.md fits on a screen', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(75)
  })

  test('README.zh-CN.md has the headings and the commands of README.md', () => {
    const [english, chinese] = readmes.map(read)
    expect(headingLevels(chinese ?? '')).toEqual(headingLevels(english ?? ''))
    expect(codeLines(chinese ?? '')).toEqual(codeLines(english ?? ''))
  })

  test('README.md calls commands that the command line knows', async () => {
    const calls = callsOf(read('README.md'))
    expect(calls.length).toBeGreaterThan(3)
    const program = await commandLine()
    expect(calls.flatMap(({ words, options }) => wrongInCall(program, words, options))).toEqual([])
    expect(wrongInCall(program, ['no-such-command'], [])).toHaveLength(1)
  })

  test('every stage says what it takes, gives, promises, refuses and limits', () => {
    const findings = folderNames(files()).flatMap((folder) => {
      const path = join(folder, 'README.md')
      return readmeFindings(folder, exists(path) ? read(path) : undefined)
    })
    expect(findings.map(shown)).toEqual([])
  })
})

describe('packages', () => {
  const packages = packagesOf(read('package.json'))

  test('have a line of reason each in docs/decisions/dependencies.md', () => {
    expect(explainedPackages(read('docs/decisions/dependencies.md'))).toEqual(packages)
  })

  test('are used', () => {
    expect(unusedFindings(packages, sources()).map(shown)).toEqual([])
  })
})

describe('each check can fail', () => {
  test('paths', () => {
    const text =
      'see `docs/none.md`, [a](b.md), `domain/`, `data/live/`, `isotherm/v1/x`, `store/*.ts`\n\n`none.ts`'
    expect(pathFindings('docs/a.md', text, (name) => name === 'domain/').map(shown)).toEqual([
      'docs/a.md:1: names docs/none.md -> there is none; correct the name',
      'docs/a.md:3: names none.ts -> there is none; correct the name',
      'docs/a.md:1: names docs/b.md -> there is none; correct the name',
    ])
  })

  test('scripts and settings', () => {
    expect(scriptFindings('a.md', 'npm start, npm run check, npm run nope', ['start', 'check'])).toHaveLength(
      1,
    )
    expect(settingFindings('a.md', 'ISOTHERM_A and ISOTHERM_B_C', ['ISOTHERM_A'])).toHaveLength(1)
  })

  test('headings and code lines', () => {
    expect(headingLevels('# a\n## b\n```\n# c\n```\n')).toEqual([1, 2])
    expect(codeLines('```sh\na --b  # 中文\n# only a comment\nc#d\n```\ne\n')).toEqual(['a --b', 'c#d'])
  })

  test('calls', () => {
    expect(callsOf('```\nnpx isotherm site create demo-1 --zone Asia/Shanghai\nnpm start\n```\n')).toEqual([
      { words: ['site', 'create'], options: ['--zone'] },
    ])
  })

  test('readmes of folders', () => {
    expect(folderNames(['a/b.ts', 'store/c/d/e.ts', 'store/f.ts', 'tests/g.ts', 'h.ts', 'i/j.md'])).toEqual([
      'a',
      'store',
      'store/c',
    ])
    expect(readmeFindings('a', undefined)).toHaveLength(1)
    expect(readmeFindings('a', 'Takes Gives Promises Refuses Limits')).toHaveLength(1)
    expect(readmeFindings('a', `Takes Gives Promises Refuses${'\n.'.repeat(12)}`)).toHaveLength(1)
    expect(readmeFindings('a', `Takes Gives Promises Refuses Limits${'\n.'.repeat(12)}`)).toEqual([])
  })

  test('packages', () => {
    expect(packagesOf('{"dependencies":{"b":"1"},"devDependencies":{"a":"1"}}')).toEqual(['a', 'b'])
    expect(explainedPackages('| `b` | why |\n| `a/x` | why |\n| `c` | |\n')).toEqual(['a/x', 'b'])
    expect(unusedFindings(['a', 'b'], [sourceOf('x.ts', "import 'a/c'")]).map(({ what }) => what)).toEqual([
      'nothing imports b',
    ])
  })
})

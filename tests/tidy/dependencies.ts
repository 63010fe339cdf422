import { importsOf } from './imports.ts'
import type { Finding, Source } from './source.ts'

/** Packages that nothing imports, and what they are here for. */
export const notImported: Readonly<Record<string, string>> = {
  '@biomejs/biome': 'formats; bin/check.mjs starts it',
  '@types/cli-progress': 'types of cli-progress',
  '@types/luxon': 'types of luxon',
  '@types/node': 'types of Node',
  '@types/pg': 'types of pg',
  '@types/ws': 'types of ws',
  oxlint: 'lints; bin/check.mjs starts it',
  'oxlint-tsgolint': 'what oxlint --type-aware runs',
  typescript: 'checks types; bin/check.mjs starts it',
}

/** The packages of a package.json, run-time and development. */
export function packagesOf(packageJson: string): readonly string[] {
  const { dependencies, devDependencies } = JSON.parse(packageJson) as Record<string, Record<string, string>>
  return [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})].toSorted()
}

/** The packages that `docs/decisions/dependencies.md` gives a reason for: rows that begin with a name in backticks. */
export function explainedPackages(document: string): readonly string[] {
  return [...document.matchAll(/^\| `([^`]+)` \| *[^| ]/gm)].map((match) => match[1] ?? '').toSorted()
}

/** Packages that nobody imports and no row of `notImported` explains. */
export function unusedFindings(packages: readonly string[], sources: readonly Source[]): readonly Finding[] {
  const imported = new Set(
    sources.flatMap(importsOf).map(({ specifier }) => {
      return specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
    }),
  )
  return packages
    .filter((name) => !imported.has(name) && !(name in notImported))
    .map((name) => {
      return {
        path: 'package.json',
        line: 1,
        what: `nothing imports ${name}`,
        remedy: `npm uninstall ${name}`,
      }
    })
}

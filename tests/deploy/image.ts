import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, textOf } from './rules.ts'

/** One COPY of the Dockerfile, from the checkout; those between stages are left out. */
export interface Copied {
  /** Stage, from 0. */
  readonly stage: number
  readonly sources: readonly string[]
  readonly target: string
}

/** The instructions of a Dockerfile, each on one line; comments and ends of lines are taken away. */
export function instructionsOf(dockerfile: string): readonly string[] {
  return dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
}

/** What a Dockerfile copies from the checkout, in order. */
export function copiesOf(dockerfile: string): readonly Copied[] {
  let stage = -1
  return instructionsOf(dockerfile).flatMap((line) => {
    const [word, ...words] = line.split(/\s+/)
    if (word === 'FROM') stage += 1
    if (word !== 'COPY' || words[0]?.startsWith('--') === true) return []
    return [{ stage, sources: words.slice(0, -1), target: words.at(-1) ?? '' }]
  })
}

/** Brings what `copies` name into `folder`, as COPY does. */
export function copyInto(folder: string, copies: readonly Copied[]): void {
  for (const { sources, target } of copies) {
    for (const source of sources) {
      const isInto = target.endsWith('/') && !source.endsWith('/')
      cpSync(join(root, source), isInto ? join(folder, target, source) : join(folder, target), {
        recursive: true,
      })
    }
  }
}

interface LockedPackage {
  readonly dev?: boolean
  readonly devOptional?: boolean
}

/**
 * Brings the packages that `npm ci --omit=dev` would install into `folder`, from those of this checkout, and stamps
 * them as the bootstrap does. Needs no network.
 */
export function bringPackages(folder: string): number {
  const lock = readFileSync(join(folder, 'package-lock.json'))
  const { packages } = JSON.parse(lock.toString()) as { packages: Readonly<Record<string, LockedPackage>> }
  const wanted = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true && existsSync(join(root, path)))
    .map(([path]) => path)
  // a package brings those below it, so only those that lie in no other are copied, without their development ones
  const tops = wanted.filter((path) => path.lastIndexOf('node_modules/') === 0)
  for (const path of tops) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    const linked = spawnSync('cp', ['-al', join(root, path), join(folder, path)])
    if (linked.status !== 0) cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  const hash = createHash('sha256').update(lock).digest('hex')
  writeFileSync(join(folder, 'node_modules', '.isotherm-stamp'), `${hash}\n`)
  return tops.length
}

/** The Dockerfile that is shipped. */
export const dockerfile = textOf('deploy/Dockerfile')

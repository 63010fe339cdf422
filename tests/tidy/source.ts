import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blank } from './blanked.ts'

/** The folder of the checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Folders that are not ours, or not source. */
const SKIPPED = new Set(['.git', '.runtime', '.vitest', 'data', 'node_modules', 'tmp'])

/** One source file; `path` is relative to the checkout, with slashes. */
export interface Source {
  readonly path: string
  readonly lines: readonly string[]
  readonly original: string
  readonly code: string
  readonly text: string
}

/** Something a check objects to, with what to do about it. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly what: string
  readonly remedy: string
}

/** A finding as one line, the way compilers write them, so that editors can jump to it. */
export function shown({ path, line, what, remedy }: Finding): string {
  return `${path}:${line}: ${what} -> ${remedy}`
}

/** A source from its text: what `sources` reads, and what tests of the checks make up. */
export function sourceOf(path: string, original: string): Source {
  return { path, original, lines: original.split('\n'), ...blank(original) }
}

/** The line of a position, from 1. */
export function lineOf(source: Source, position: number): number {
  return source.original.slice(0, position).split('\n').length
}

/** Every file of the checkout, relative, sorted. */
export function files(folder: string = root): readonly string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    // in a worktree .git is a file
    if (SKIPPED.has(entry.name)) continue
    if (entry.isDirectory()) found.push(...files(path).map((name) => join(entry.name, name)))
    if (entry.isFile()) found.push(relative(folder, path))
  }
  return found.toSorted()
}

/** Every TypeScript and JavaScript source of the checkout. */
export function sources(): readonly Source[] {
  return files()
    .filter((path) => /\.(tsx?|mjs)$/.test(path))
    .map((path) => sourceOf(path, readFileSync(join(root, path), 'utf8')))
}

/** A file of the checkout as text. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The first folder of a path; empty for files of the root folder. */
export function topFolder(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

/** True for what ships: not tests, not the bootstrap, not benchmarks, not the configuration of tools. */
export function isProduct(path: string): boolean {
  return !['', 'tests', 'bin', 'bench'].includes(topFolder(path))
}

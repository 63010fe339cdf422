import type { Reporter, TestModule } from 'vitest/node'

/** What became of a test run, in the words of its last line. */
export interface Tally {
  passed: number
  failed: number
  skipped: number
}

/** `12 passed, 0 failed, 1 skipped`. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/** Counts the tests of the modules; a module that could not be loaded, or failed outside its tests, is one failure. */
export function tally(modules: readonly TestModule[], errorsOutside: number): Tally {
  const sum: Tally = { passed: 0, failed: errorsOutside, skipped: 0 }
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') sum.passed += 1
      else if (state === 'skipped') sum.skipped += 1
      else sum.failed += 1
    }
    sum.failed += module.errors().length
  }
  return sum
}

/** Ends the output of vitest with one line that other programs can read. Listed last, so that it speaks last. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    process.stdout.write(`\n${closingLine(tally(modules, unhandled.length))}\n`)
  }
}

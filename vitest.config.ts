import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    reporters: ['default', './tests/support/closing-line.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // One of two cores alone leaves the gate waiting for processes that the tests start, most of the time.
    maxWorkers: 2,
  },
})

#!/usr/bin/env node
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root } from './bootstrap.mjs'
import { endWith } from './complaint.mjs'
import { nodeEnvironment, nodeOptions } from './node-options.mjs'
import { startChild } from './start-child.mjs'

// The `isotherm` command: makes the checkout ready, then runs the command line (app/cli) on the right Node.
await endWith(async () => {
  const node = await prepare()
  const guard = pathToFileURL(join(root, 'bin', 'orphan.mjs')).href
  const words = [
    ...nodeOptions,
    '--import',
    guard,
    join(root, 'app', 'cli', 'main.ts'),
    ...process.argv.slice(2),
  ]
  return startChild(node, words, {
    env: { ...nodeEnvironment, ...process.env },
    cwd: process.cwd(),
    guarded: true,
  })
})

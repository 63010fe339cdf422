#!/usr/bin/env node
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root } from './bootstrap.mjs'
import { endWith } from './complaint.mjs'
import { environmentOf, nodeOptions } from './node-options.mjs'
import { startChild } from './start-child.mjs'

// The `isotherm` command: makes the checkout ready, then runs the command line (app/cli) on the right Node.
await endWith(async () => {
  const node = await prepare()
  const guard = pathToFileURL(join(root, 'bin', 'orphan.mjs')).href
  const words = process.argv.slice(2)
  const main = join(root, 'app', 'cli', 'main.ts')
  return startChild(node, [...nodeOptions, '--import', guard, main, ...words], {
    env: { ...environmentOf(words), ...process.env },
    cwd: process.cwd(),
    guarded: true,
  })
})

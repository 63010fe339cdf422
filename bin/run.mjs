#!/usr/bin/env node
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { prepare, root } from './bootstrap.mjs'
import { check } from './check.mjs'
import { Complaint, endWith } from './complaint.mjs'
import { withNodeFirst } from './npm.mjs'
import { startChild } from './start-child.mjs'

// Development commands: `run.mjs check`, or any tool of node_modules/.bin, on the right Node:
// `run.mjs vitest run tests/domain`.
await endWith(async () => {
  const [tool, ...words] = process.argv.slice(2)
  if (tool === undefined) throw unknownTool('No command was named.')
  const node = await prepare()
  const tools = join(root, 'node_modules', '.bin')
  const env = withNodeFirst(node, process.env)
  env['PATH'] = `${tools}${delimiter}${env['PATH']}`
  if (tool === 'check') return check(words, { env, cwd: root })
  if (tool === 'node') return startChild(node, words, { env, cwd: root })
  const path = join(tools, tool)
  if (!existsSync(path)) throw unknownTool(`There is no command ${tool}.`, tools)
  return startChild(path, words, { env, cwd: root })
})

function unknownTool(what, folder) {
  const names = folder === undefined ? '' : ` Tools: ${readdirSync(folder).join(', ')}.`
  return new Complaint({
    what,
    remedy: `Use: node bin/run.mjs check | node | <tool> [arguments].${names}`,
    exitCode: 2,
  })
}

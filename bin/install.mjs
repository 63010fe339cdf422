#!/usr/bin/env node
import { prepare, root } from './bootstrap.mjs'
import { endWith } from './complaint.mjs'

// Makes a checkout ready to run for good: the Node and the packages of a start, without those of development, and the
// page. Every later start needs neither network nor the right to write here, as in an image or below a folder of root.
await endWith(async () => {
  await prepare(root, { development: false })
  return 0
})

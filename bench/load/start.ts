import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { LoadPlan, LoadResult } from './plan.ts'

const main = join(import.meta.dirname, 'main.ts')

/** Runs the load program in a process of its own. Rejects when anything went wrong in it. */
export async function runLoadProcess(plan: LoadPlan): Promise<LoadResult> {
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  child.stdin.end(JSON.stringify(plan))
  const answer = json(child.stdout).catch(() => undefined)
  await ended
  if (child.exitCode !== 0) throw new Error('the load program failed; it says why above')
  return (await answer) as LoadResult
}

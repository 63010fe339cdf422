import { text } from 'node:stream/consumers'
import { Load, pause } from './load.ts'
import type { LoadPlan, LoadResult } from './plan.ts'

// The load program: one process, the same bytes for every server. It ends with one JSON line, or with 1 and a
// sentence on standard error when anything at all goes wrong: a run with a lost connection measures nothing.

await run(JSON.parse(await text(process.stdin)) as LoadPlan)

async function run(plan: LoadPlan): Promise<void> {
  const load = new Load(plan, fail)
  const startMs = performance.now()
  await load.signIn()
  const signInS = (performance.now() - startMs) / 1_000
  load.begin()
  await pause(plan.warmUpMs)
  const before = load.count()
  await pause(plan.measureMs)
  const after = load.count()
  await load.end()
  const result: LoadResult = {
    messages: after.acknowledged - before.acknowledged,
    seconds: (after.atMs - before.atMs) / 1_000,
    ...load.quantiles(),
    serverCpuS: after.serverCpuS - before.serverCpuS,
    serverMainCpuS: after.serverMainCpuS - before.serverMainCpuS,
    clientCpuS: after.clientCpuS - before.clientCpuS,
    ...load.totals(),
    signInS,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

function fail(why: string): never {
  process.stderr.write(`load: ${why}\n`)
  process.exit(1)
}

import { once } from 'node:events'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterAll(() => folder.remove())

/** Starts a command whose answer and log nobody reads, as `isotherm ... | head` does. */
function unread(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { process: child } = folder.launch(words, env)
  child.stdout?.destroy()
  child.stderr?.destroy()
  return child
}

test('a command whose reader has left ends as it would have', async () => {
  const child = unread(['rules', 'list'])
  await once(child, 'exit')
  expect([child.exitCode, child.signalCode]).toEqual([0, null])
})

test('a server goes on when whoever read its log has left', async () => {
  const port = await freePort()
  const child = unread(['start', '--no-demo'], { ISOTHERM_HTTP_PORT: String(port) })
  const ready = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    return answer?.status ?? 0
  }
  await expect.poll(ready, { timeout: 20_000, interval: 200 }).toBe(200)
  child.kill('SIGTERM')
  await once(child, 'exit')
  expect([child.exitCode, child.signalCode]).toEqual([0, null])
}, 30_000)

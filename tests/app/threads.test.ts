import { expect, test } from 'vitest'
import { startThread } from '../../app/doors/threads.ts'
import { openLink } from '../../app/link/index.ts'
import { Problem } from '../../domain/index.ts'

const module = new URL('./dying-thread.ts', import.meta.url)

async function deathBy(how: string): Promise<Error | undefined> {
  const thread = startThread(module, undefined)
  const link = openLink(thread.channel, {})
  await link.call('die', how).catch(() => undefined)
  return thread.ended
}

test('a problem a thread dies of stays a problem, with code and remedy', async () => {
  const failure = await deathBy('problem')
  expect(failure).toBeInstanceOf(Problem)
  expect(failure).toMatchObject({ code: 'journal-damaged', message: 'a byte', remedy: 'restore' })
})

test('any other error stays what it is', async () => {
  const failure = await deathBy('error')
  expect(failure).not.toBeInstanceOf(Problem)
  expect(failure).toMatchObject({ message: 'a plain error' })
  expect(await deathBy('foreign')).not.toBeInstanceOf(Problem)
})

test('a thread that is stopped died of nothing', async () => {
  const thread = startThread(module, undefined)
  await thread.stop()
  expect(await thread.ended).toBeUndefined()
})

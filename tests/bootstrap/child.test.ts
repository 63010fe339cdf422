import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeCheckout, start, startProgram, type Started } from './checkout.ts'

/** A command that runs until it is told to stop, and the process of its command line. */
async function startWaiting(): Promise<{ readonly command: Started; readonly pid: number }> {
  const command = start(makeCheckout('20.0.0'), 'isotherm.mjs', ['wait'])
  await command.shows('"pid":')
  const { pid } = JSON.parse(command.stdout()) as { pid: number }
  return { command, pid }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false // no such process
  }
}

test('the exit code of the command line is kept', async () => {
  const folder = makeCheckout('20.0.0')
  expect((await start(folder, 'isotherm.mjs', ['exit', '2']).ended).code).toBe(2)
  expect((await start(folder, 'isotherm.mjs', ['exit', '7']).ended).code).toBe(7)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s reaches the command line once, however often it comes',
  async (signal) => {
    const { command } = await startWaiting()
    command.process.kill(signal)
    command.process.kill(signal)
    await sleep(50)
    command.process.kill(signal)
    const { code, stdout } = await command.ended
    expect(stdout.split('\n').filter((line) => line === signal)).toHaveLength(1)
    expect(code).toBe(11)
  },
)

test('a command line that dies of a signal ends with 128 and its number', async () => {
  const { command } = await startWaiting()
  command.process.kill('SIGHUP')
  expect((await command.ended).code).toBe(128 + 1)
})

test('when the command is killed its command line ends too', async () => {
  const { command, pid } = await startWaiting()
  expect(isAlive(pid)).toBe(true)
  command.process.kill('SIGKILL')
  await command.ended
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false)
})

test('when the npm that started it is killed everything ends', async () => {
  const folder = makeCheckout('20.0.0')
  const asNpm = `${process.execPath} bin/isotherm.mjs wait; true`
  const command = startProgram(folder, ['sh', '-c', asNpm], { npm_lifecycle_event: 'start' })
  await command.shows('"pid":')
  const { pid } = JSON.parse(command.stdout()) as { pid: number }
  command.process.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false)
})

test('run.mjs without a command, or with an unknown one, ends with 2 and says what there is', async () => {
  const folder = makeCheckout('20.0.0')
  const none = await start(folder, 'run.mjs', []).ended
  expect(none.code).toBe(2)
  expect(none.stderr).toContain('Use: node bin/run.mjs check | node | <tool>')
  const unknown = await start(folder, 'run.mjs', ['vitset']).ended
  expect(unknown.code).toBe(2)
  expect(unknown.stderr).toContain('There is no command vitset.')
})

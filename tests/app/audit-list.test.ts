import { afterAll, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterAll(() => folder.remove())

test('acts are listed, narrowed by what was done to what, by whom and when', async () => {
  await folder.demoSite()
  await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
  const list = async (...words: string[]) => {
    const { code, out } = await folder.run(['audit', 'list', ...words, '--json'])
    return { code, answer: JSON.parse(out) as Record<string, unknown>[] }
  }
  const { code, answer } = await list()
  expect([code, answer.map(({ seq, kind, subject }) => [seq, kind, subject])]).toEqual([
    0,
    [
      [1, 'organisation.create', 'organisation:demo'],
      [2, 'site.create', 'site:clinic'],
      [3, 'device.create', 'device:fridge-1'],
    ],
  ])
  const actor = String(answer[0]?.['actor'])
  expect(actor).toMatch(/^local:/)
  const device = answer.slice(2)
  expect((await list('--subject', 'device:fridge-1')).answer).toEqual(device)
  expect((await list('--kind', 'device.create', '--actor', actor)).answer).toEqual(device)
  expect((await list('--to', '2020-01-01T00:00:00Z')).answer).toEqual([])
  expect((await list('--from', '2020-01-01T00:00:00Z')).answer).toEqual(answer)
  const wrong = await folder.run(['audit', 'list', '--from', 'yesterday'])
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--from yesterday is not a time')])
  const table = await folder.run(['audit', 'list', '--kind', 'site.create'])
  expect(table.out).toMatch(/^seq +at +actor +kind +subject +reason +new\n2 .*site:clinic/)
}, 30_000)

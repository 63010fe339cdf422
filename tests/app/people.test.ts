import { afterAll, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterAll(() => folder.remove())

test('a user is made with a role, loses it, and the last administrator of everything cannot', async () => {
  const made = await folder.json(['user', 'create', 'li', '--role', 'administrator'])
  const id = String(made['id'])
  const revoke = (role: string) =>
    folder.run(['user', 'revoke-grant', id, '--role', role, '--reason', 'moved', '--json'])
  const refused = await revoke('administrator')
  expect([refused.code, JSON.parse(refused.out)]).toMatchObject([1, { code: 'conflict' }])
  await folder.json(['user', 'grant', id, '--role', 'viewer'])
  const done = await revoke('viewer')
  expect([done.code, JSON.parse(done.out)]).toEqual([
    0,
    { id, organisation: 'root', role: 'viewer', state: 'revoked' },
  ])
  const { out } = await folder.run(['user', 'list', '--json'])
  expect(JSON.parse(out)).toMatchObject([
    { id, name: 'li', grants: [{ organisation: 'root', role: 'administrator' }] },
  ])
}, 30_000)

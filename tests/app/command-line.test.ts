import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterAll(() => folder.remove())

describe('the command line, without a running core', () => {
  test('--help everywhere, and exit 0', async () => {
    for (const words of [
      ['--help'],
      ['start', '--help'],
      ['device', 'create', '--help'],
      ['replay', '--help'],
    ]) {
      const { code, out } = await folder.run(words)
      expect({ words, code }).toEqual({ words, code: 0 })
      expect(out).toContain('Usage: isotherm')
    }
  })

  test.each([
    ['an unknown command', ['strat'], 'strat'],
    ['a missing option', ['device', 'create', 'x'], '--site'],
    ['a setting that does not fit', ['config', 'check', '--mqtt-port', '99999'], 'mqtt_port'],
  ])('%s ends with 2 and says what is wrong', async (_, words, told) => {
    const { code, err } = await folder.run(words)
    expect(code).toBe(2)
    expect(err).toContain(told)
  })

  test('rules are listed with clause and confidence, and a file of them is checked', async () => {
    const { code, out } = await folder.run(['rules', 'list'])
    expect(code).toBe(0)
    expect(out).toMatch(
      /^isotherm-watch\/silent +1 +no temperature comes for 30 min +critical +seen +Isotherm/m,
    )
    expect(out).toMatch(
      /^who-pqs-tr07-type2\/heat-10 +1 +temperature >= 10 degC for 1200 min a trip +range +seen/m,
    )
    const packs = join(import.meta.dirname, '../../alerts/rules/packs')
    const good = await folder.run(['rules', 'check', join(packs, 'cn-gsp-storage.yaml')])
    expect({ ...good, out: good.out.split('\n')[0] }).toMatchObject({
      code: 0,
      out: 'cn-gsp-storage, version 1, is in order.',
    })
    const path = join(folder.dataDir, 'wrong.yaml')
    writeFileSync(
      path,
      readFileSync(join(packs, 'cn-gsp-storage.yaml'), 'utf8').replace('limitC: 8.0', 'limitC: 80000'),
    )
    const wrong = await folder.run(['rules', 'check', path])
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('wrong.yaml: rules[1].limitC is 80000')
    expect((await folder.run(['rules', 'check', `${path}.gone`])).code).toBe(1)
  })

  test('a rule is explained, and a pack is tried on what was measured', async () => {
    const { code, out } = await folder.run(['rules', 'explain', 'usp-1079-cct/warm'])
    expect(code).toBe(0)
    expect(out).toContain('USP <1079.2>')
    expect(out).toContain('It holds nowhere')
    const unknown = await folder.run(['rules', 'explain', 'usp-1079-cct/toast'])
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('rules list') as string })
    const tried = await folder.run(['rules', 'what-if', 'usp-1079-cct', '--json'])
    expect(JSON.parse(tried.out)).toMatchObject({ pack: 'usp-1079-cct', points: 0, before: 0, items: [] })
    const wrong = await folder.run(['rules', 'what-if', 'usp-1079-cct', '--pack-version', '9'])
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('of version 9') as string })
  })

  test('facts can be entered before the first start, and bad ones are refused with a remedy', async () => {
    await folder.demoSite()
    const made = await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
    expect(made).toMatchObject({ id: 'fridge-1', kind: 'simulated' })
    expect(String(made['secret'])).toMatch(/^isd_[A-Za-z0-9_-]{43}$/)
    const again = await folder.run([
      'device',
      'create',
      'fridge-1',
      '--site',
      'clinic',
      '--simulated',
      '--json',
    ])
    expect(again.code).toBe(1)
    const problem = JSON.parse(again.out) as { code: string; remedy: string }
    expect(problem.code).toBe('already-exists')
    expect(problem.remedy).not.toBe('')
    const real = await folder.run(['device', 'create', 'fridge-2', '--site', 'clinic', '--json'])
    expect(JSON.parse(real.out)).toMatchObject({ code: 'demo-only' })
    const listed = await folder.run(['device', 'list'])
    expect(listed.out).toMatch(/fridge-1 +clinic +simulated +active/)
    expect(listed.out).not.toContain('isd_')
  })

  /** Ports that nobody can have taken. */
  const noPorts = ['--http-port', '0', '--mqtt-port', '0']

  test('doctor names what is not running, and does not call that bad', async () => {
    const fresh = new IsothermFolder()
    const { code, out } = await fresh.run(['doctor', ...noPorts])
    expect(out).toContain('not running')
    expect(out).toMatch(/HTTP channel +note +not configured/)
    expect(code).toBe(0)
    // it looked, and made nothing
    expect(readdirSync(fresh.dataDir)).toEqual([])
    await fresh.remove()
  })

  test('doctor knocks at the servers of the channels, without what is secret', async () => {
    const server = createServer((socket) => socket.on('data', (bytes: Buffer) => heard.push(bytes)))
    const heard: Buffer[] = []
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const mail = {
      ISOTHERM_SMTP_URL: `smtps://iso:pass-789@127.0.0.1:${port}`,
      ISOTHERM_SMTP_FROM: 'iso@mail.example',
    }
    const sms = { ISOTHERM_SMS_SECRET: 'x'.repeat(32) }
    const env = { ...mail, ...sms, ISOTHERM_SMS_URL: `https://127.0.0.1:${port}/send?token=tok-456` }
    const { code, out } = await folder.run(['doctor', ...noPorts], env)
    expect(out).toContain(`https://127.0.0.1:${port} can be reached; nothing was sent`)
    expect(out).toContain(`smtps://127.0.0.1:${port} can be reached; nothing was sent`)
    expect([code, heard]).toEqual([0, []])
    server.close()
    await once(server, 'close')
    const gone = await folder.run(['doctor', ...noPorts], env)
    expect(gone.code).toBe(1)
    expect(gone.out).toMatch(/HTTP channel +bad .*cannot be reached at port \d+: connect ECONNREFUSED/)
    expect(gone.out).toMatch(/mail channel +bad .*cannot be reached at port \d+: connect ECONNREFUSED/)
    expect(out + gone.out).not.toMatch(/pass-789|tok-456|x{32}/)
  })

  test('what a channel cannot use is bad', async () => {
    const env = { ISOTHERM_SMS_SECRET: 'x'.repeat(32), ISOTHERM_SMS_URL: 'http://sms.example' }
    const bad = await folder.run(['doctor', ...noPorts], env)
    expect(bad.code).toBe(1)
    expect(bad.out).toContain('sms_url_without_tls')
    expect((await folder.run(['config', 'check'], env)).code).toBe(2)
  })

  test('replay says that Isotherm must run', async () => {
    const { code, err } = await folder.run(['replay', 'x.csv', '--device', 'fridge-1'])
    expect(code).toBe(1)
    expect(err).toContain('npm start')
  })

  test('secrets do not appear in config show', async () => {
    const { out } = await folder.run(['config', 'show'], { ISOTHERM_INFLUX_TOKEN: 'tok-secret' })
    expect(out).toContain('(set, not shown)')
    expect(out).not.toContain('tok-secret')
  })
})

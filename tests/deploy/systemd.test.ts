import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configurationSchema, environmentName } from '../../app/config/index.ts'
import { IsothermFolder } from '../support/isotherm.ts'
import { missingProgram, programPath } from '../support/services.ts'
import { root, textOf } from './rules.ts'

const unit = textOf('deploy/systemd/isotherm.service')
const missing = missingProgram('systemd-analyze', 'systemd')
/** What `systemd-analyze security` says of the unit is 1.4; from 0 (shut) to 10 (open). */
const EXPOSURE_MAX = 1.5

function analyze(...words: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(programPath('systemd-analyze') ?? '', words, {
    encoding: 'utf8',
  })
  return { code: status, output: `${stdout}${stderr}` }
}

/** The values of a key of the unit, in order. */
function valuesOf(key: string): readonly string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'isotherm-unit-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('the unit', () => {
  test('starts what there is, with settings that there are, and stops it later than it takes to stop', () => {
    const [program = '', script = '', ...words] = valuesOf('ExecStart')[0]?.split(' ') ?? []
    expect([program, ...words]).toEqual(['/usr/bin/node', 'start'])
    expect(existsSync(join(root, script.replace('/opt/isotherm/', '')))).toBe(true)
    const names = [...unit.matchAll(/\bISOTHERM_[A-Z_]+(?==)/g)].map(([name]) => name)
    const settings = Object.keys(configurationSchema.properties).map(environmentName)
    expect(names.filter((name) => name !== 'ISOTHERM_KEY' && !settings.includes(name))).toEqual([])
    expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(15)
    expect(valuesOf('Environment')[0]).toContain(
      `ISOTHERM_DATA_DIR=/var/lib/${valuesOf('StateDirectory')[0]}`,
    )
    const wrapper = textOf('deploy/systemd/isotherm')
    for (const said of [
      '/etc/isotherm/isotherm.env',
      '/opt/isotherm/bin/isotherm.mjs',
      '/var/lib/isotherm',
    ]) {
      expect(unit).toContain(said)
      expect(wrapper).toContain(said)
    }
    expect(spawnSync('sh', ['-n', join(root, 'deploy/systemd/isotherm')]).status).toBe(0)
  })
})

describe.skipIf(missing !== undefined)('systemd-analyze', () => {
  test('finds nothing wrong', () => {
    // where Node lies differs from machine to machine, and a unit whose program is missing is wrong
    const path = join(folder(), 'isotherm.service')
    writeFileSync(path, unit.replace('/usr/bin/node', process.execPath))
    expect(analyze('verify', path)).toEqual({ code: 0, output: '' })
    writeFileSync(path, unit.replace('ProtectSystem=strict', 'ProtectSystem=somewhat'))
    expect(analyze('verify', path).output).toContain('somewhat')
  })

  test('says how little it may', () => {
    const { output } = analyze('security', '--offline=yes', join(root, 'deploy/systemd/isotherm.service'))
    const [, exposure = '10'] = /Overall exposure level for isotherm\.service: ([\d.]+)/.exec(output) ?? []
    expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE_MAX)
  })

  const noStrace = missingProgram('strace', 'strace')
  test.skipIf(noStrace !== undefined)(
    'lets in every system call of a running Isotherm',
    { timeout: 120_000 },
    async () => {
      const calls = join(folder(), 'calls')
      const isotherm = new IsothermFolder()
      onTestFinished(() => isotherm.remove())
      const under = [programPath('strace') ?? '', '-D', '-f', '-qq', '-o', calls]
      const running = await isotherm.start(['start'], {}, { under, readyMsMax: 90_000 })
      expect((await fetch(`http://127.0.0.1:${running.httpPort}/readyz`)).status).toBe(200)
      await isotherm.demoSite()
      expect(await running.stop()).toBe(0)
      const made = new Set(
        [...readFileSync(calls, 'utf8').matchAll(/^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)/gm)].map(
          ([, name]) => name,
        ),
      )
      expect(made.size).toBeGreaterThan(40)
      const [allowed = '', refused = ''] = valuesOf('SystemCallFilter')
      const may = callsOf(allowed)
      for (const name of callsOf(refused.slice(1))) may.delete(name)
      expect(may.size).toBeGreaterThan(200)
      expect(may.has('mount')).toBe(false)
      // SQLite gives its files to the owner of the database when it is root, which the service is not
      if (process.getuid?.() === 0) may.add('fchown')
      expect([...made].filter((name) => name !== undefined && !may.has(name))).toEqual([])
    },
  )
})

/** The system calls of a group of systemd, and of the groups in it. */
function callsOf(group: string): Set<string> {
  const lines = analyze('syscall-filter', group)
    .output.split('\n')
    .map((line) => line.trim())
    .filter((line) => /^@?[a-z0-9_-]+$/.test(line) && line !== group)
  return new Set(lines.flatMap((line) => (line.startsWith('@') ? [...callsOf(line)] : [line])))
}

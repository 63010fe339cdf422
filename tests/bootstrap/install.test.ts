import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeCheckout, npmLog, start } from './checkout.ts'

test('bin/install.mjs makes a checkout ready for good, without packages of development', async () => {
  const folder = makeCheckout('20.0.0')
  // it writes down how it was called
  writeFileSync(
    join(folder, 'programs', 'npm'),
    `#!${process.execPath}
    require('node:fs').mkdirSync('node_modules')
    require('node:fs').writeFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n')`,
  )
  writeFileSync(join(folder, 'programs', 'package.json'), '{ "type": "commonjs" }')
  const installed = await start(folder, 'install.mjs', []).ended
  expect(installed).toMatchObject({ code: 0, stdout: '' })
  expect(installed.stderr).toMatch(
    /^isotherm: installing the packages of package-lock\.json \.\.\. [\d.]+ s\n$/,
  )
  expect(npmLog(folder)).toEqual(['ci --omit=dev --no-audit --no-fund'])

  const started = await start(folder, 'isotherm.mjs', ['start'], { NPM_FAILS: 'E403' }).ended
  expect(started).toMatchObject({ code: 0, stderr: '' })
  expect(npmLog(folder)).toHaveLength(1)
})

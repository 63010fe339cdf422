import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { waitFor } from '../support/isotherm.ts'
import { missingProgram, programPath } from '../support/services.ts'
import { composeOf } from './compose.ts'
import { freePort } from '../support/free-port.ts'
import { textOf } from './rules.ts'

const { services } = composeOf(textOf('deploy/compose.yaml'))

/** The words of a service's health check, with another address in place of the one inside the container. */
function checkOf(service: string, url: string): readonly string[] {
  const [form, ...words] = services[service]?.healthcheck?.test ?? []
  expect(form).toBe('CMD')
  return words.map((word) => word.replace(/^http:\/\/127\.0\.0\.1:\d+/, url))
}

function run([program = '', ...words]: readonly string[]): number | null {
  return spawnSync(program, words, { encoding: 'utf8' }).status
}

describe.skipIf(influxdSkipReason() !== undefined || missingProgram('curl', 'curl') !== undefined)(
  'InfluxDB',
  () => {
    test('is healthy with accounts switched on, and not once it has stopped', {
      timeout: 60_000,
    }, async () => {
      const influx = await startInfluxd(['auth-enabled = true'])
      onTestFinished(() => influx.remove())
      const check = checkOf('influxdb', influx.url)
      expect(run(check)).toBe(0)
      await influx.stop()
      expect(run(check)).not.toBe(0)
    })
  },
)

describe.skipIf(missingProgram('prometheus', 'prometheus') !== undefined)('Prometheus', () => {
  test('is healthy with the configuration and the rules that are shipped', { timeout: 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-prometheus-'))
    const port = await freePort()
    const token = join(folder, 'metrics_token')
    writeFileSync(token, 'a token')
    const configuration = textOf('deploy/prometheus/prometheus.yml').replace(
      '/run/secrets/metrics_token',
      token,
    )
    writeFileSync(join(folder, 'prometheus.yml'), configuration)
    writeFileSync(join(folder, 'alerts.yml'), textOf('deploy/prometheus/alerts.yml'))
    const child = spawn(programPath('prometheus') ?? '', prometheusWords(folder, port))
    onTestFinished(() => end(child, folder))
    let output = ''
    child.stderr.on('data', (piece: Buffer) => (output += piece.toString()))
    const url = `http://127.0.0.1:${port}`
    await waitFor(
      () => output.includes('Server is ready') || child.exitCode !== null,
      30_000,
      () => output,
    )
    // the program of the image's busybox; any that asks for the address tells the same
    const [, , , , address = ''] = checkOf('prometheus', url)
    expect((await fetch(address)).status).toBe(200)
    const rules = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
      data: { groups: readonly { rules: readonly unknown[] }[] }
    }
    expect(rules.data.groups.flatMap((group) => group.rules).length).toBeGreaterThan(40)
  })
})

/** As compose.yaml starts it, in a folder and on a port of the test. */
function prometheusWords(folder: string, port: number): readonly string[] {
  const words = (services['prometheus']?.['command'] ?? []) as readonly string[]
  expect(words.length).toBeGreaterThan(2)
  return [
    ...words.map((word) =>
      word.replace('/etc/prometheus/', `${folder}/`).replace('=/prometheus', `=${folder}/data`),
    ),
    `--web.listen-address=127.0.0.1:${port}`,
  ]
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const ended = once(child, 'exit')
  if (child.exitCode === null) {
    child.kill('SIGTERM')
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}

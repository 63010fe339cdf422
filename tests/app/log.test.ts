import { expect, test } from 'vitest'
import { loadConfiguration } from '../../app/config/index.ts'
import { type LogSettings, openLogs } from '../../app/doors/log.ts'

/** A log that keeps its lines. */
function open(settings: Partial<LogSettings> = {}) {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const logs = openLogs({ part: 'core', level: 'info', scrub: (text) => text, ...settings }, { write })
  return { logs, lines }
}

test('a line has part and folder, its fields and its sentence', () => {
  const { logs, lines } = open()
  logs.journal.warn({ path: 'data', bytes: 3, reason: undefined }, 'cut')
  const [{ time, ...line } = {}, ...others] = lines
  expect(time).toMatch(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/)
  expect(line).toEqual({ level: 40, part: 'core', folder: 'journal', path: 'data', bytes: 3, msg: 'cut' })
  expect(others).toEqual([])
})

test('each folder has the level of the settings, or its own', () => {
  const { logs, lines } = open({ level: 'warn', levels: { gateway: 'debug', store: 'error' } })
  for (const folder of ['gateway', 'store', 'api'] as const)
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logs[folder][level]({}, folder + level)
  expect(lines.map(({ msg }) => msg)).toEqual([
    'gatewaydebug',
    'gatewayinfo',
    'gatewaywarn',
    'gatewayerror',
    'storeerror',
    'apiwarn',
    'apierror',
  ])
})

test('of a line that is not written nothing is looked at', () => {
  let scrubbed = 0
  const { logs, lines } = open({ scrub: (text) => `${text}${(scrubbed += 1)}` })
  logs.gateway.debug({ reason: 'a' }, 'b')
  expect([scrubbed, lines]).toEqual([0, []])
  logs.gateway.info({ reason: 'a' }, 'b')
  expect(lines).toMatchObject([{ reason: 'a1', msg: 'b2' }])
})

test('a field whose name says that it is secret is not written', () => {
  const { logs, lines } = open()
  logs.api.error({ password: 'a1', token: 'b2', authorization: 'c3', secret: 'd4', device: 'e5' }, 'f6')
  expect(JSON.stringify(lines)).not.toMatch(/a1|b2|c3|d4/)
  expect(lines).toMatchObject([{ password: '(not shown)', device: 'e5', msg: 'f6' }])
})

test('levels of folders come from the file as a map, and from elsewhere as a text', () => {
  const levels = { gateway: 'debug', 'devices-sim': 'warn' }
  const file = 'log_levels: { gateway: debug, devices-sim: warn }'
  expect(loadConfiguration({ file, environment: {}, flags: {} }).log_levels).toEqual(levels)
  const text = ' gateway=debug, devices-sim = warn '
  const environment = { ISOTHERM_LOG_LEVELS: text }
  expect(loadConfiguration({ environment, flags: {} }).log_levels).toEqual(levels)
  expect(loadConfiguration({ environment: {}, flags: { log_levels: text } }).log_levels).toEqual(levels)
  expect(loadConfiguration({ environment: {}, flags: {} }).log_levels).toBeUndefined()
})

test.each([
  ['gatewy=debug', 'where gatewy is not known'],
  ['gateway=loud', 'where gateway must be equal to one of the allowed values'],
  ['gateway', 'which must be object'],
  ['gateway=debug,', 'which must be object'],
  ['gateway=debug,gateway=warn', 'which must be object'],
])('levels like %s are refused with key, value and remedy', (text, told) => {
  const load = () => loadConfiguration({ environment: { ISOTHERM_LOG_LEVELS: text }, flags: {} })
  expect(load).toThrow(`environment sets log_levels to ${JSON.stringify(text)}, ${told}.`)
  expect(load).toThrow(
    expect.objectContaining({
      code: 'configuration-invalid',
      remedy: expect.stringMatching(/like gateway=debug,.* alerts, api, .*ISOTHERM_LOG_LEVELS\.$/) as string,
    }),
  )
})

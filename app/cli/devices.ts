import type { Command } from 'commander'
import { instantText, Problem } from '../../domain/index.ts'
import type { DeviceStatus } from '../device-status.ts'
import { balanceOf } from './balance.ts'
import { findDevice, itemsOf } from './find.ts'
import { withCore } from './local-core.ts'
import { printList, printThing } from './print.ts'
import { type CommandOptions, instantOption, runs, textOption } from './run.ts'

/** Adds `device`. */
export function addDevices(program: Command): void {
  const device = program.command('device').description('register, list and revoke devices')
  addCreate(device)
  runs(
    device.command('list').description('list devices').option('--site <id>', 'only those of a site'),
    async (configuration, options) => {
      const site = textOption(options, 'site')
      const filter = site === undefined ? {} : { site }
      const items = await withCore(configuration, (core) => itemsOf(core, 'devices', filter))
      const said = items.map((item) => ({ ...item, said: saidBy(item) }))
      const json = options['json'] === true
      printList(json ? items : said, ['id', 'site', 'kind', 'state', 'acceptFrom', 'said'], json)
    },
  )
  runs(
    device
      .command('revoke <id>')
      .description('end a device: its connection is closed at once and its secret stops working')
      .requiredOption('--reason <text>', 'why'),
    async (configuration, options, id: string) => {
      const reason = textOption(options, 'reason') ?? ''
      const revoked = await withCore(configuration, (core) => core.command('device.revoke', { id, reason }))
      printThing({ id: revoked.id, state: revoked.state }, options['json'] === true)
    },
  )
  runs(
    device
      .command('secret <id>')
      .description('replace the secret of a device; the old one stops working at once')
      .requiredOption('--reason <text>', 'why'),
    async (configuration, options, id: string) => {
      const reason = textOption(options, 'reason') ?? ''
      const { secret } = await withCore(configuration, (core) =>
        core.command('device.issue-secret', { id, reason }),
      )
      printThing({ id, secret }, options['json'] === true)
    },
  )
  runs(
    device
      .command('accept-from <id> <time>')
      .description(
        'set from when on readings of a device are accepted (RFC 3339); what is held already stays so',
      )
      .requiredOption('--reason <text>', 'why'),
    async (configuration, options, id: string, time: string) => {
      const reason = textOption(options, 'reason') ?? ''
      const acceptFromMs = instantOption({ time }, 'time') ?? 0
      const changed = await withCore(configuration, (core) =>
        core.command('device.accept-from', { id, acceptFromMs, reason }),
      )
      const { acceptFrom } = changed
      printThing({ id, acceptFrom: instantText(acceptFrom) }, options['json'] === true)
    },
  )
  runs(
    device.command('balance <id>').description('what became of every message of a device'),
    async (configuration, options, id: string) => {
      const balance = await withCore(configuration, async (core) => {
        const found = await balanceOf(core, id)
        // a journal may hold messages of a device that the facts lack; these must not be denied
        if (found.messages.journalled === 0) await findDevice(core, id)
        return found
      })
      printThing({ ...balance }, options['json'] === true)
    },
  )
}

/** What a listed device last said of itself, and when. */
function saidBy({ lastStatus }: Readonly<Record<string, unknown>>): string | null {
  const said = lastStatus as DeviceStatus | null
  return said === null ? null : `${said.state ?? 'something else'} at ${said.receivedAt}`
}

function addCreate(device: Command): void {
  runs(
    device
      .command('create <id>')
      .description('register a device and print its secret, once')
      .requiredOption('--site <id>', 'the site it stands in')
      .option('--simulated', 'not a real device (demonstration organisations only)')
      .option('--accept-from <time>', 'readings before this are distrusted (RFC 3339; default 60 days ago)')
      .option('--expected-interval <seconds>', 'how often it reports', '300')
      .option('--label <text>', 'what is written on it'),
    async (configuration, options, id: string) => {
      const acceptFromMs = instantOption(options, 'acceptFrom')
      const label = textOption(options, 'label')
      const { device: created, secret } = await withCore(configuration, (core) =>
        core.command('device.create', {
          id,
          site: textOption(options, 'site') ?? '',
          kind: options['simulated'] === true ? 'simulated' : 'real',
          expectedIntervalMs: seconds(options) * 1000,
          ...(acceptFromMs === undefined ? {} : { acceptFromMs }),
          ...(label === undefined ? {} : { label }),
        }),
      )
      printThing({ id: created.id, kind: created.kind, secret }, options['json'] === true)
    },
  )
}

function seconds(options: CommandOptions): number {
  const given = Number(textOption(options, 'expectedInterval'))
  if (Number.isFinite(given)) return given
  throw new Problem('bad-request', {
    what: `--expected-interval ${String(options['expectedInterval'])} is no number of seconds.`,
    remedy: 'Give a number, for example --expected-interval 300.',
  })
}

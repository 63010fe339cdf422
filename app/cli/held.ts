import type { Command } from 'commander'
import { type HeldReason, heldReasons, Problem } from '../../domain/index.ts'
import { itemsOf } from './find.ts'
import { withCore } from './local-core.ts'
import { printList, printThing } from './print.ts'
import { type CommandOptions, runs, textOption } from './run.ts'

const INDEX = /^\d{1,15}$/

/** Adds `held`. */
export function addHeld(program: Command): void {
  const held = program.command('held').description('messages and readings that could not be accepted yet')
  runs(
    held
      .command('list')
      .description('list what is held, the newest record first')
      .option('--device <id>', 'only of this device')
      .option('--reason <name>', 'only for this reason, such as before-accept-from'),
    async (configuration, options) => {
      const device = textOption(options, 'device')
      const reason = reasonOption(options)
      const filter = {
        ...(device === undefined ? {} : { device }),
        ...(reason === undefined ? {} : { reason }),
      }
      const items = await withCore(configuration, (core) => itemsOf(core, 'held', filter))
      const flat = items.map((item) => ({ ...item, ...(item['position'] as object) }))
      const json = options['json'] === true
      printList(json ? items : flat, ['device', 'index', 'item', 'receivedAt', 'reason', 'detail'], json)
    },
  )
  runs(
    held
      .command('show <device> <index>')
      .description('show a record of a device as it was received, whole; index as `held list` tells it'),
    async (configuration, options, device: string, index: string) => {
      const asked = { device, index: indexFrom(index) }
      const { payload, ...record } = await withCore(configuration, (core) => core.held().heldRecord(asked))
      if (options['json'] === true) printThing({ ...record, payload }, true)
      else printThing({ ...record, bytes: payload.bytes, [payload.as]: payload.content }, false)
    },
  )
  runs(
    held
      .command('readmit <device> <index>')
      .description('have what is held of a record judged again, when what it was held for has been mended')
      .requiredOption('--reason <text>', 'why'),
    async (configuration, options, device: string, index: string) => {
      const reason = textOption(options, 'reason') ?? ''
      const asked = { device, index: indexFrom(index), reason }
      const came = await withCore(configuration, (core) => core.held().readmit(core.actor, asked))
      printThing({ ...came }, options['json'] === true)
    },
  )
}

function reasonOption(options: CommandOptions): HeldReason | undefined {
  const reason = textOption(options, 'reason')
  if (reason === undefined || Object.hasOwn(heldReasons, reason)) return reason as HeldReason | undefined
  throw new Problem('bad-request', {
    what: `--reason ${reason} is none anything is held for.`,
    remedy: `Give one of ${Object.keys(heldReasons).join(', ')}.`,
  })
}

function indexFrom(text: string): number {
  if (INDEX.test(text)) return Number(text)
  throw new Problem('bad-request', {
    what: `${text} is no index of a record.`,
    remedy: 'Give the number in the column `index` of `isotherm held list`.',
  })
}

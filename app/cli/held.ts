import type { Command } from 'commander'
import {
  type HeldReason,
  heldReasons,
  type LogPosition,
  Problem,
  type Stands,
  whoStands,
} from '../../domain/index.ts'
import { itemsOf } from './find.ts'
import { withCore } from './local-core.ts'
import { printList, printThing } from './print.ts'
import { type CommandOptions, runs, textOption } from './run.ts'

const columns = ['device', 'index', 'item', 'receivedAt', 'reason', 'decidedBy', 'detail']
const INDEX = /^\d{1,15}$/
const ITEM = /^\d{1,4}$/

/** Adds `held`. */
export function addHeld(program: Command): void {
  const held = program.command('held').description('messages and readings that could not be accepted yet')
  runs(
    held
      .command('list')
      .description('list what is held, the newest record first')
      .option('--device <id>', 'only of this device')
      .option('--reason <name>', 'only for this reason, such as before-accept-from')
      .option('--waiting', 'without what somebody decided is not true'),
    async (configuration, options) => {
      const device = textOption(options, 'device')
      const reason = reasonOption(options)
      const filter = {
        ...(device === undefined ? {} : { device }),
        ...(reason === undefined ? {} : { reason }),
        ...(options['waiting'] === true && { waiting: true as const }),
      }
      const items = await withCore(configuration, (core) => itemsOf(core, 'held', filter))
      const flat = items.map((item) => ({
        ...item,
        ...(item['position'] as object),
        decidedBy: (item['decidedBy'] as LogPosition | null)?.index ?? null,
      }))
      const json = options['json'] === true
      printList(json ? items : flat, columns, json)
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
  addDecide(held)
}

function addDecide(held: Command): void {
  runs(
    held
      .command('decide <device> <index> <item>')
      .description('decide whether a reading that is held as conflict is true, or what is stored')
      .requiredOption('--stands <which>', `which is true from now on: ${Object.keys(whoStands).join(' or ')}`)
      .requiredOption('--reason <text>', 'why'),
    async (configuration, options, device: string, index: string, item: string) => {
      const asked = {
        device,
        index: indexFrom(index),
        item: itemFrom(item),
        stands: standsOption(options),
        reason: textOption(options, 'reason') ?? '',
      }
      const came = await withCore(configuration, (core) => core.held().decide(core.actor, asked))
      printThing({ ...came }, options['json'] === true)
    },
  )
}

function standsOption(options: CommandOptions): Stands {
  const stands = textOption(options, 'stands') ?? ''
  if (Object.hasOwn(whoStands, stands)) return stands as Stands
  throw new Problem('bad-request', {
    what: `--stands ${stands} is neither of the two.`,
    remedy: 'Give `held` when the reading that is held is true, or `stored` when what is stored is.',
  })
}

function itemFrom(text: string): number {
  if (ITEM.test(text)) return Number(text)
  throw new Problem('bad-request', {
    what: `${text} is no place of a reading in its record.`,
    remedy: 'Give the number in the column `item` of `isotherm held list`.',
  })
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

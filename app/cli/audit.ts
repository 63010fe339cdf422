import type { Command } from 'commander'
import { itemsOf } from './find.ts'
import { withCore } from './local-core.ts'
import { printList } from './print.ts'
import { instantOption, runs, textOption } from './run.ts'

/** Adds `audit`. */
export function addAudit(program: Command): void {
  const audit = program.command('audit').description('who did what to what, when and why')
  runs(
    audit
      .command('list')
      .description('list acts, oldest first')
      .option('--kind <kind>', 'only acts of this kind, such as device.revoke')
      .option('--subject <subject>', 'only acts on this thing, such as device:fridge-1')
      .option('--actor <actor>', 'only what this one did, such as user:u-1')
      .option('--from <time>', 'only from this instant on (RFC 3339)')
      .option('--to <time>', 'only before this instant'),
    async (configuration, options) => {
      const [kind, subject, actor] = ['kind', 'subject', 'actor'].map((name) => textOption(options, name))
      const [fromMs, toMs] = ['from', 'to'].map((name) => instantOption(options, name))
      const filter = {
        ...(kind === undefined ? {} : { kind }),
        ...(subject === undefined ? {} : { subject }),
        ...(actor === undefined ? {} : { actor }),
        ...(fromMs === undefined ? {} : { fromMs }),
        ...(toMs === undefined ? {} : { toMs }),
      }
      const items = await withCore(configuration, (core) => itemsOf(core, 'audit', filter))
      printList(items, ['seq', 'at', 'actor', 'kind', 'subject', 'reason', 'new'], options['json'] === true)
    },
  )
}

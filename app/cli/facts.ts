import type { Command } from 'commander'
import type { OrganisationKind } from '../../domain/index.ts'
import { printList, printThing } from './print.ts'
import { type CommandOptions, runs, textOption } from './run.ts'
import { itemsOf } from './find.ts'
import { withCore } from './local-core.ts'

/** Adds `organisation` and `site`. */
export function addPlaces(program: Command): void {
  const organisation = program.command('organisation').description('create and list organisations')
  runs(
    organisation
      .command('create <id>')
      .description('create an organisation')
      .requiredOption('--kind <kind>', 'health-regulator, drug-regulator, cdc, clinic, distributor or maker')
      .requiredOption('--name <name>', 'its name as people say it')
      .option('--name-en <name>', 'its name in English')
      .option('--parent <id>', 'the organisation above it')
      .option('--demo', 'a demonstration: may hold simulated devices, never becomes real'),
    async (configuration, options, id: string) => {
      const created = await withCore(configuration, (core) =>
        core.command('organisation.create', {
          id,
          parent: textOption(options, 'parent') ?? null,
          // the core refuses a kind that is none
          kind: textOption(options, 'kind') as OrganisationKind,
          demo: options['demo'] === true,
          ...names(options),
        }),
      )
      printThing({ id: created.id, kind: created.kind, demo: created.demo === 1 }, options['json'] === true)
    },
  )
  runs(organisation.command('list').description('list organisations'), async (configuration, options) => {
    const items = await withCore(configuration, (core) => itemsOf(core, 'organisations', {}))
    printList(items, ['id', 'parent', 'kind', 'demo', 'name'], options['json'] === true)
  })
  const site = program.command('site').description('create and list sites')
  runs(
    site
      .command('create <id>')
      .description('create a site')
      .requiredOption('--organisation <id>', 'the organisation it belongs to')
      .requiredOption('--name <name>', 'its name as people say it')
      .option('--name-en <name>', 'its name in English')
      .option('--zone <zone>', 'IANA time zone', 'Asia/Shanghai'),
    async (configuration, options, id: string) => {
      const created = await withCore(configuration, (core) =>
        core.command('site.create', {
          id,
          organisation: textOption(options, 'organisation') ?? '',
          zone: textOption(options, 'zone') ?? '',
          ...names(options),
        }),
      )
      printThing(
        { id: created.id, organisation: created.organisation, zone: created.zone },
        options['json'] === true,
      )
    },
  )
  runs(site.command('list').description('list sites'), async (configuration, options) => {
    const items = await withCore(configuration, (core) => itemsOf(core, 'sites', {}))
    printList(items, ['id', 'organisation', 'zone', 'name'], options['json'] === true)
  })
}

function names(options: CommandOptions): { name: string; nameEn?: string } {
  const nameEn = textOption(options, 'nameEn')
  const name = textOption(options, 'name') ?? ''
  return nameEn === undefined ? { name } : { name, nameEn }
}

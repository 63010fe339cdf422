import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { actorName, instantFrom, Problem, ROOT_SCOPE } from '../../domain/index.ts'
import { reportLanguages } from '../../reports/index.ts'
import type { Queries, ReportFormat } from '../../store/index.ts'
import { systemClock } from '../doors/clock.ts'
import { workingDirectory } from '../doors/environment.ts'
import { refuseTaken, writeNewFile } from '../doors/files.ts'
import { terminal } from '../doors/terminal.ts'
import { withCore } from './local-core.ts'
import { printThing } from './print.ts'
import { type CommandOptions, runs, textOption } from './run.ts'

type Asked = Queries['report.excursions']

const formats: readonly ReportFormat[] = ['csv', 'xlsx', 'json']

/** Adds `report`. */
export function addReports(program: Command): void {
  const report = program.command('report').description('reports for auditors, as files')
  const excursions = report
    .command('excursions')
    .description('excursions of a place or a lot over a period, and how complete the record is')
    .option('--place <id>', 'of this place and places nested in it')
    .option('--lot <id>', 'in place of --place: where this lot lay, while it lay there')
    .requiredOption('--from <time>', 'begin of the period (RFC 3339)')
    .option('--to <time>', 'its end, not included (default: now)')
    .addOption(new Option('--format <format>', 'kind of file').choices(formats).default('xlsx'))
    .addOption(
      new Option('--lang <language>', 'language of csv and xlsx').choices(reportLanguages).default('zh'),
    )
    .requiredOption('--output <file>', 'where to write it; a file that is there already is kept')
  runs(excursions, async (configuration, options) => {
    const path = resolve(workingDirectory(), textOption(options, 'output') ?? '')
    const asked = askedFor(options)
    await refuseTaken(path)
    if (terminal.interactive) terminal.tell('The report is being made ...')
    const bytes = await withCore(configuration, (core) =>
      core.file('report.excursions', { ...asked, by: { actor: actorName(core.actor), name: '' } }),
    )
    await writeNewFile(path, bytes)
    printThing({ file: path, format: asked.format, bytes: bytes.length }, options['json'] === true)
  })
}

function askedFor(options: CommandOptions): Omit<Asked, 'by'> {
  const asOfMs = systemClock.nowMs()
  const to = textOption(options, 'to')
  return {
    subject: subjectOf(options),
    scopes: [ROOT_SCOPE],
    fromMs: instant('--from', textOption(options, 'from') ?? ''),
    toMs: to === undefined ? asOfMs : instant('--to', to),
    asOfMs,
    format: formats.find((each) => each === options['format']) ?? 'xlsx',
    language: reportLanguages.find((each) => each === options['lang']) ?? 'zh',
  }
}

function subjectOf(options: CommandOptions): Asked['subject'] {
  const place = textOption(options, 'place')
  const lot = textOption(options, 'lot')
  if (place !== undefined && lot === undefined) return { by: 'place', place }
  if (lot !== undefined && place === undefined) return { by: 'lot', lot }
  throw new Problem('bad-request', {
    what: 'A report is about a place or about a lot, about exactly one of them.',
    remedy: 'Give --place ID or --lot ID.',
  })
}

function instant(option: string, text: string): number {
  const timeMs = instantFrom(text)
  if (timeMs !== undefined) return timeMs
  throw new Problem('bad-request', {
    what: `${option} ${text} is not a time with its zone.`,
    remedy: 'Write it like 2026-11-23T00:00:00+08:00.',
  })
}

import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Log } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { restoreBackup, takeBackup } from '../backup/index.ts'
import { systemClock } from '../doors/clock.ts'
import { nodeDisk } from '../doors/disk.ts'
import { workingDirectory } from '../doors/environment.ts'
import { systemRandom } from '../doors/random.ts'
import { processIdentity, terminal } from '../doors/terminal.ts'
import { dataLayout } from '../layout.ts'
import { printThing } from './print.ts'
import { openStepProgress } from './progress.ts'
import { type CommandOptions, runs, textOption } from './run.ts'

/** Adds `backup` and `restore`. */
export function addBackup(program: Command): void {
  const backup = program
    .command('backup')
    .description('copy the whole data directory, running or not, as it is at one instant')
    .requiredOption('--to <folder>', 'where to; made, for its owner alone, or empty')
  runs(backup, async (configuration, options) => {
    const to = pathOption(options, 'to')
    const manifest = await watched((onProgress) => takeBackup({ ...parts(configuration), to, onProgress }))
    const { takenAt, format, positions, files } = manifest
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const figures = { files: files.length, bytes, records: positions.journal, acts: positions.facts }
    printThing({ backup: to, takenAt, format, ...figures }, options['json'] === true)
  })
  const restore = program
    .command('restore')
    .description('restore a backup into a data directory in which nothing is')
    .requiredOption('--from <folder>', 'the folder that `backup --to` was given')
  runs(restore, async (configuration, options) => {
    const from = pathOption(options, 'from')
    const restored = await watched((onProgress) =>
      restoreBackup({ ...parts(configuration), from, onProgress }),
    )
    const { manifest, behind, balanced } = restored
    const { takenAt, positions } = manifest
    const figures = { records: positions.journal, acts: positions.facts, behind, balanced }
    printThing({ restored: configuration.data_dir, takenAt, ...figures }, options['json'] === true)
    if (!balanced) terminal.tell('The counts of messages do not add up, as where the backup was made.')
    if (options['json'] !== true)
      terminal.tell('Keys, sessions and secrets that were revoked after the backup hold again: revoke them.')
  })
}

/** Runs a piece of work and shows how far it is. */
async function watched<T>(
  work: (onProgress: (step: string, done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const bar = openStepProgress()
  try {
    return await work((step, done, total) => {
      bar.show(step, done, total)
    })
  } finally {
    bar.close()
  }
}

function parts(configuration: Configuration) {
  const { pid, host } = processIdentity()
  return {
    layout: dataLayout(configuration.data_dir),
    disk: nodeDisk(),
    clock: systemClock,
    random: systemRandom,
    log: silent,
    holder: { pid, host, startedAt: systemClock.nowMs() },
  }
}

const drop = (): void => undefined
/** What recovery does to the end of a copied log is part of the work, and what it refuses is thrown. */
const silent: Log = { debug: drop, info: drop, warn: drop, error: drop }

function pathOption(options: CommandOptions, name: string): string {
  return resolve(workingDirectory(), textOption(options, name) ?? '')
}

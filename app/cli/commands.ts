import type { Command } from 'commander'

/** Commands that one module adds: their names, and the module, loaded only when it is needed. */
interface Group {
  readonly names: readonly string[]
  readonly load: () => Promise<(program: Command) => void>
}

/** Every command, in the order `--help` lists them. */
export const groups: readonly Group[] = [
  {
    names: ['start', 'gateway', 'core', 'api'],
    load: async () => (await import('./servers.ts')).addServers,
  },
  { names: ['organisation', 'site'], load: async () => (await import('./facts.ts')).addPlaces },
  { names: ['device'], load: async () => (await import('./devices.ts')).addDevices },
  { names: ['user'], load: async () => (await import('./people.ts')).addUsers },
  { names: ['key'], load: async () => (await import('./people.ts')).addKeys },
  { names: ['audit'], load: async () => (await import('./audit.ts')).addAudit },
  { names: ['held'], load: async () => (await import('./held.ts')).addHeld },
  { names: ['finding'], load: async () => (await import('./findings.ts')).addFindings },
  { names: ['rules'], load: async () => (await import('./rules.ts')).addRules },
  { names: ['journal'], load: async () => (await import('./journal.ts')).addJournal },
  { names: ['rebuild'], load: async () => (await import('./rebuild.ts')).addRebuild },
  { names: ['replay'], load: async () => (await import('./replay.ts')).addReplay },
  { names: ['sim'], load: async () => (await import('./sim.ts')).addSimulation },
  { names: ['report'], load: async () => (await import('./report.ts')).addReports },
  { names: ['backup', 'restore'], load: async () => (await import('./backup.ts')).addBackup },
  { names: ['config'], load: async () => (await import('./config.ts')).addConfig },
  { names: ['doctor'], load: async () => (await import('./doctor.ts')).addDoctor },
]

/**
 * Adds the command that `words` name, or all of them when they name none or ask for help before they do: what the
 * others need would be most of the time a short command takes.
 */
export async function addCommands(program: Command, words: readonly string[]): Promise<void> {
  const first = words.find((word) => !word.startsWith('-') || word === '--help' || word === '-h')
  const named = groups.filter(({ names }) => first !== undefined && names.includes(first))
  const adders = await Promise.all((named.length === 0 ? groups : named).map(({ load }) => load()))
  for (const add of adders) add(program)
}

import { Problem } from '../domain/index.ts'
import type { CommandPort } from '../store/index.ts'
import type { Purpose } from './config/index.ts'
import { isThere, readTextIfThere, writeNewFile } from './doors/files.ts'
import type { DataLayout } from './layout.ts'

/**
 * Makes sure that a data directory is for this, for good: an empty one becomes so. Throws `configuration-invalid` when
 * it is for the other, so that nothing invented ever stands among what was measured. The caller holds the lock `core`.
 */
export async function requirePurpose(layout: DataLayout, wanted: Purpose): Promise<void> {
  await refuseOther(layout, wanted)
  if (!(await isThere(layout.purpose))) await writeNewFile(layout.purpose, Buffer.from(`${wanted}\n`))
}

/** Throws `configuration-invalid` when a data directory is for the other. */
export async function refuseOther(layout: DataLayout, wanted: Purpose): Promise<void> {
  const found = await purposeOf(layout)
  if (found !== undefined && found !== wanted) throw wrongPurpose(layout, found)
}

/** What a data directory is for; undefined while nothing is in it. */
export async function purposeOf(layout: DataLayout): Promise<Purpose | undefined> {
  const text = (await readTextIfThere(layout.purpose))?.trim()
  if (text === 'live' || text === 'demo') return text
  if (text !== undefined) throw damaged(layout)
  // before there was a demonstration, every directory was one of real operation
  return (await isThere(layout.facts)) ? 'live' : undefined
}

/** Commands on a demonstration: nothing real is created in it. */
export function demonstrationOnly(commands: CommandPort): CommandPort {
  return {
    command: async (name, actor, input) => {
      if (name === 'organisation.create' && !('demo' in input && input.demo)) throw notReal()
      return commands.command(name, actor, input)
    },
  }
}

function wrongPurpose({ root }: DataLayout, found: Purpose): Problem {
  return found === 'demo'
    ? new Problem('configuration-invalid', {
        what: `${root} holds the demonstration, which never becomes real operation.`,
        remedy: 'Start it with --demo, or name another data_dir for real operation (data/live by default).',
      })
    : new Problem('configuration-invalid', {
        what: `${root} holds real operation, and the demonstration was to be run in it.`,
        remedy:
          'Start it with --no-demo, or name another data_dir for the demonstration (data/demo by default).',
      })
}

function damaged({ purpose }: DataLayout): Problem {
  return new Problem('configuration-invalid', {
    what: `${purpose} says neither live nor demo.`,
    remedy: 'Write the one word there that this data directory is for.',
  })
}

function notReal(): Problem {
  return new Problem('demo-only', {
    what: 'This is the demonstration, and the organisation would be a real one.',
    remedy: 'Create it as a demonstration, or start real operation: npm start -- --no-demo.',
  })
}

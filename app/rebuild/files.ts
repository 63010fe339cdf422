import type { Clock } from '../../domain/index.ts'
import { Problem } from '../../domain/index.ts'
import { openCanonicalStore, type RebuiltPair, requireSound } from '../../store/index.ts'
import { isThere, moveFile, nameAgain, removeIfThere } from '../doors/files.ts'
import type { DataLayout } from '../layout.ts'

/** What SQLite keeps beside a database file. */
const besides = ['-wal', '-shm'] as const

/**
 * How the readings in use are: brought up to date when they are sound, and then whole in their one file. Throws what is
 * neither damage nor absence, such as a newer schema.
 */
export async function oldReadings({ readings }: DataLayout): Promise<'sound' | 'damaged' | 'missing'> {
  if (!(await isThere(readings))) return 'missing'
  try {
    requireSound(readings)
    openCanonicalStore({ path: readings }).close()
    return 'sound'
  } catch (thrown) {
    // Nothing is lost: a damaged file is put aside, and what it was made of is taken again.
    if (thrown instanceof Problem && thrown.code === 'store-damaged') return 'damaged'
    throw thrown
  }
}

/** Removes a database file and what SQLite keeps beside it, if it is there. */
export async function removeDatabase(path: string): Promise<void> {
  for (const name of ['', ...besides]) await removeIfThere(`${path}${name}`)
}

/**
 * Puts the new file in the place of the old one, which is kept aside when asked; answers where. At every instant there
 * is the old file or the new one under the name.
 */
export async function putInPlace(
  { before, after }: RebuiltPair,
  isKept: boolean,
  clock: Clock,
): Promise<string | null> {
  const kept = isKept && (await isThere(before)) ? `${before}.before-${clock.nowMs()}` : null
  // a write-ahead log must never lie beside a file that it does not belong to; of a sound file it is empty by now
  for (const name of besides) {
    const path = `${before}${name}`
    if (kept !== null && (await isThere(path))) await moveFile(path, `${kept}${name}`)
    else await removeIfThere(path)
  }
  if (kept !== null) await nameAgain(before, kept)
  await moveFile(after, before)
  await removeDatabase(after)
  return kept
}

import { systemClock } from '../app/doors/clock.ts'
import { nodeDisk } from '../app/doors/disk.ts'
import { systemRandom } from '../app/doors/random.ts'
import { type Journal, openJournal } from '../journal/index.ts'
import { silent } from './bench.ts'

/** A journal on the real disk, which may fill it. */
export function openBenchJournal(directory: string): Promise<Journal> {
  return openJournal({
    directory,
    log: silent,
    disk: nodeDisk(),
    clock: systemClock,
    random: systemRandom,
    spaceReserve: { share: 0, bytes: 0 },
  })
}

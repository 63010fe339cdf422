import type { Clock } from '../../domain/index.ts'
import type { Disk, DiskFile } from '../../journal/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'

/** How long a sync takes at most, most of the time, and now and then. */
const SYNC_MS_MAX = 20
const SLOW_SYNC_MS_MAX = 8_000
const SLOW_ONE_IN = 60

/** The disk, with syncs that take time on the virtual clock: what happens meanwhile happens before they are done. */
export function withSlowSyncs(disk: Disk, clock: Clock, random: SeededRandom): Disk {
  return {
    makeDirectory: async (path) => disk.makeDirectory(path),
    list: async (path) => disk.list(path),
    open: async (path, mode) => slowFile(await disk.open(path, mode), clock, random),
    remove: async (path) => disk.remove(path),
    rename: async (from, to) => disk.rename(from, to),
    syncDirectory: async (path) => disk.syncDirectory(path),
    space: async (path) => disk.space(path),
  }
}

function slowFile(file: DiskFile, clock: Clock, random: SeededRandom): DiskFile {
  return {
    read: async (target, position) => file.read(target, position),
    write: async (bytes, position) => file.write(bytes, position),
    sync: async () => {
      await clock.sleep(random.below(random.oneIn(SLOW_ONE_IN) ? SLOW_SYNC_MS_MAX : SYNC_MS_MAX))
      await file.sync()
    },
    truncate: async (length) => file.truncate(length),
    size: async () => file.size(),
    close: async () => file.close(),
  }
}

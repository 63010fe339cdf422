import type { Disk, DiskFile } from '../../journal/index.ts'

/** Ways to break the journal's word from below; each must be found out as a loss. */
export const breaks = ['no-fsync', 'ack-early', 'no-dir-fsync', 'reuse-after-eio'] as const
/** One of them. */
export type Break = (typeof breaks)[number]

/** What the journal is given in place of the disk. The journal itself is the real one, unchanged. */
export function broken(disk: Disk, how: Break | undefined): Disk {
  if (how === undefined) return disk
  if (how === 'no-dir-fsync') return withDisk(disk, { syncDirectory: async () => undefined })
  return withDisk(disk, {
    open: async (path, mode) => withSync(await disk.open(path, mode), syncs[how]),
  })
}

/** What becomes of the sync of a file. */
const syncs = {
  /** Says done, and does nothing. */
  'no-fsync': async () => undefined,
  /** Does it, but says done at once: whoever waits for it acknowledges what is still under way. */
  'ack-early': async (file) => {
    file.sync().catch(() => undefined)
    return Promise.resolve()
  },
  /**
   * Asks the same descriptor again when it failed. As Linux does, the disk then says done: the pages that could
   * not be written count as clean, and nobody will write them any more.
   */
  'reuse-after-eio': async (file) => file.sync().catch(async () => file.sync()),
} as const satisfies Record<string, (file: DiskFile) => Promise<void>>

function withDisk(disk: Disk, other: Partial<Disk>): Disk {
  return {
    makeDirectory: async (path) => disk.makeDirectory(path),
    list: async (path) => disk.list(path),
    open: async (path, mode) => disk.open(path, mode),
    remove: async (path) => disk.remove(path),
    rename: async (from, to) => disk.rename(from, to),
    syncDirectory: async (path) => disk.syncDirectory(path),
    space: async (path) => disk.space(path),
    ...other,
  }
}

function withSync(file: DiskFile, sync: (file: DiskFile) => Promise<void>): DiskFile {
  return {
    read: async (target, position) => file.read(target, position),
    write: async (bytes, position) => file.write(bytes, position),
    sync: async () => sync(file),
    truncate: async (length) => file.truncate(length),
    size: async () => file.size(),
    close: async () => file.close(),
  }
}

import { statfsSync } from 'node:fs'

/** Magic numbers of file systems (man 2 statfs). */
const names: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58_46_53_42, 'xfs'],
  [0x91_23_68_3e, 'btrfs'],
  [0x79_4c_76_30, 'overlay'],
  [0x2f_c1_2f_c1, 'zfs'],
])
const inMemory: ReadonlyMap<number, string> = new Map([
  [0x01_02_19_94, 'tmpfs'],
  [0x85_84_58_f6, 'ramfs'],
])

/** The file system of a folder. Throws for one in memory, on which a sync costs nothing. */
export function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder)
  const memory = inMemory.get(type)
  if (memory !== undefined) {
    throw new Error(
      `${folder} lies on ${memory}, where a sync costs nothing; name a folder on a disk: --dir DIR`,
    )
  }
  return names.get(type) ?? `0x${type.toString(16)}`
}

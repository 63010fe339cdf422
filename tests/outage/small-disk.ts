import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A disk that can be filled. */
export interface SmallDisk {
  /** `loop`: a file system of its own; `shared`: the one of the temporary files, where this account may not mount. */
  readonly kind: 'loop' | 'shared'
  readonly directory: string
  /** A folder for what must not lie on it. */
  readonly beside: string
  /** What the journal is told to keep free, MiB. */
  readonly reserveMib: number
  /** Take space: until about half of the reserve is free; and all there is, of a disk that nobody else needs. */
  readonly fills: readonly (() => Promise<void>)[]
  /** Gives it back. */
  free(): void
  remove(): Promise<void>
}

const MIB = 1024 * 1024
/** Room for some minutes of load, and small enough to be filled in a second. */
const LOOP_MIB = 256
const LOOP_RESERVE_MIB = 32
/** Of a shared disk so much is taken; what others write meanwhile must not matter. */
const SHARED_FILLER_MIB = 1_024

/** Opens one: with root a loop device, else a part of the disk of the temporary files. */
export async function openSmallDisk(): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'iso-disk-'))
  return (await openLoop(folder)) ?? openShared(folder)
}

async function openLoop(folder: string): Promise<SmallDisk | undefined> {
  const image = join(folder, 'image')
  const directory = join(folder, 'disk')
  try {
    await run('truncate', ['-s', `${LOOP_MIB}M`, image])
    await run('mkfs.ext4', ['-q', '-F', '-m', '0', image], { env: withSystemFolders() })
    await run('mkdir', [directory])
    await run('mount', ['-o', 'loop', image, directory])
  } catch {
    // Nothing is lost: without the right to mount there is another way.
    rmSync(image, { force: true })
    return undefined
  }
  const filler = join(directory, 'filler')
  const unmount = (): void => void execFileSync('umount', ['--lazy', directory])
  process.once('exit', unmount)
  return {
    kind: 'loop',
    directory,
    beside: folder,
    reserveMib: LOOP_RESERVE_MIB,
    fills: [
      () => take(filler, freeMib(directory) - LOOP_RESERVE_MIB / 2),
      async () => {
        // fallocate takes nothing when it cannot take all of it; what it leaves is taken piece by piece
        await take(filler, freeMib(directory) - 1)
        await run('dd', ['if=/dev/zero', `of=${join(directory, 'filler.rest')}`, 'bs=4k']).catch(() => {
          // it ends with "no space left", which is what is wanted
        })
      },
    ],
    free: () => {
      rmSync(filler, { force: true })
      rmSync(join(directory, 'filler.rest'), { force: true })
    },
    remove: async () => {
      process.off('exit', unmount)
      await run('umount', [directory])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function openShared(folder: string): SmallDisk {
  const filler = join(folder, 'filler')
  return {
    kind: 'shared',
    directory: folder,
    beside: folder,
    reserveMib: Math.floor(freeMib(folder)) - SHARED_FILLER_MIB / 2,
    fills: [() => take(filler, SHARED_FILLER_MIB)],
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  }
}

async function take(filler: string, mib: number): Promise<void> {
  await run('fallocate', ['-l', String(Math.floor(mib * MIB)), filler])
}

function freeMib(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return (bavail * bsize) / MIB
}

/** Debian keeps mkfs where an ordinary account's PATH does not look. */
function withSystemFolders(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
}

import type { DiskFile } from '../../journal/index.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import { diskError, type SimulatedInode } from './simulated-inode.ts'

/** An open file of a simulated disk. */
export class SimulatedFile implements DiskFile {
  private readonly disk: SimulatedDisk
  private readonly inode: SimulatedInode
  private readonly path: string
  private readonly writable: boolean
  private closed = false
  private syncFailed = false

  constructor(disk: SimulatedDisk, inode: SimulatedInode, path: string, writable: boolean) {
    this.disk = disk
    this.inode = inode
    this.path = path
    this.writable = writable
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.disk.operate('read', () => {
      this.check(false)
      const bytes = this.inode.cached.view().subarray(position, position + target.length)
      target.set(bytes)
      return bytes.length
    })
  }

  write(bytes: Uint8Array, position: number): Promise<void> {
    return this.disk.operate(
      'write',
      () => {
        this.check(true)
        const growth = position + bytes.length - this.inode.cached.length
        const missing = growth - this.disk.freeBytes()
        this.inode.write(bytes.subarray(0, Math.max(0, bytes.length - Math.max(0, missing))), position)
        if (missing > 0) throw diskError('ENOSPC', this.path)
      },
      (random) => this.inode.write(bytes.subarray(0, random.below(bytes.length + 1)), position),
    )
  }

  async sync(): Promise<void> {
    try {
      await this.disk.operate(
        'sync',
        () => {
          this.check(true)
          this.inode.sync()
        },
        (random) => this.inode.failSync(random),
      )
    } catch (thrown) {
      this.syncFailed = true
      throw thrown
    }
  }

  truncate(length: number): Promise<void> {
    return this.disk.operate('truncate', () => {
      this.check(true)
      this.inode.truncate(length)
    })
  }

  size(): Promise<number> {
    return this.disk.operate('size', () => {
      this.check(false)
      return this.inode.cached.length
    })
  }

  close(): Promise<void> {
    return this.disk.operate('close', () => {
      if (this.closed) throw diskError('EBADF', this.path)
      this.closed = true
    })
  }

  private check(writing: boolean): void {
    if (this.closed || (writing && !this.writable)) throw diskError('EBADF', this.path)
    if (this.syncFailed) this.disk.violations.push(`${this.path} used after its sync had failed`)
  }
}

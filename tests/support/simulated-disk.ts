import { dirname } from 'node:path'
import type { Disk, DiskFile } from '../../journal/index.ts'
import { SeededRandom } from './seeded-random.ts'
import { SimulatedFile } from './simulated-file.ts'
import { diskError, SimulatedInode } from './simulated-inode.ts'

/** How the simulated disk behaves. */
export interface SimulatedDiskOptions {
  readonly seed: number
  /** Bytes all files together may hold; no bound when absent. */
  readonly capacityBytes?: number
}

/** What can be asked of a disk and its files. */
export type OperationKind = keyof Disk | keyof DiskFile

/** A change to a directory that no sync has covered yet: names and what they mean afterwards (nothing = removed). */
type EntryEffect = readonly (readonly [string, SimulatedInode | undefined])[]

interface Directory {
  cached: Map<string, SimulatedInode>
  durable: Map<string, SimulatedInode>
  effects: EntryEffect[]
}

const UNBOUNDED_BYTES = 2 ** 50

/**
 * A disk in memory that forgets like a real one: writes, truncations and sizes until `sync`, names until
 * `syncDirectory`. Operations are counted from 1; any can be made to fail, or to be the last before the power
 * goes. Each operation takes a random number of microtasks. All randomness comes from the seed.
 */
export class SimulatedDisk implements Disk {
  /** Operations begun so far. */
  operations = 0
  /** How many of each kind. */
  readonly counts: Record<OperationKind, number> = {
    makeDirectory: 0,
    list: 0,
    open: 0,
    remove: 0,
    rename: 0,
    syncDirectory: 0,
    space: 0,
    read: 0,
    write: 0,
    sync: 0,
    truncate: 0,
    size: 0,
    close: 0,
  }
  /** Their kinds, in order. */
  readonly history: OperationKind[] = []
  /** True once the power is off, the process was killed, or the disk was handed on: every operation rejects. */
  stopped = false
  /** True once a planned power cut has happened: only `crash` tells what the next start finds. */
  powerIsOff = false
  /** Kinds of the operations that failed, or at which the power or the process went, as planned. */
  readonly struck: OperationKind[] = []
  /** Uses of a descriptor after its sync had failed; a correct journal leaves this empty. */
  readonly violations: string[] = []
  private readonly options: SimulatedDiskOptions
  private readonly random: SeededRandom
  private readonly directories: Map<string, Directory>
  private readonly faults = new Map<number, string>()
  private readonly nextFaults = new Map<OperationKind, string>()
  private powerCutAt = Number.POSITIVE_INFINITY
  private killedAt = Number.POSITIVE_INFINITY
  private capacityBytes: number

  constructor(options: SimulatedDiskOptions, directories: Map<string, Directory> = new Map()) {
    this.options = options
    this.random = new SeededRandom(options.seed)
    this.directories = directories
    this.capacityBytes = options.capacityBytes ?? UNBOUNDED_BYTES
  }

  /** The operation with this number fails with `code`; a write is done in part, a sync loses what it should keep. */
  failAt(operation: number, code: string): void {
    this.faults.set(operation, code)
  }

  /** The next operation of this kind fails with `code`, in the same way. */
  failNext(kind: OperationKind, code: string): void {
    this.nextFaults.set(kind, code)
  }

  /** The power goes off during the operation with this number. */
  cutPowerAt(operation: number): void {
    this.powerCutAt = operation
  }

  /** The process dies just before the operation with this number. */
  killAt(operation: number): void {
    this.killedAt = operation
  }

  setCapacity(bytes: number): void {
    this.capacityBytes = bytes
  }

  /** The disk as the next start finds it after a power cut now. This one stops. */
  crash(): SimulatedDisk {
    this.stopped = true
    const survivors = new Map<string, Directory>()
    for (const [path, directory] of this.directories) {
      const entries = new Map(directory.durable)
      for (const effect of directory.effects) if (this.random.oneIn(2)) applyEntries(entries, effect)
      const files = [...entries].map(([name, file]) => [name, file.afterPowerCut(this.random)] as const)
      survivors.set(path, { cached: new Map(files), durable: new Map(files), effects: [] })
    }
    return new SimulatedDisk({ ...this.options, seed: this.random.next() }, survivors)
  }

  /** The disk as the next process finds it when only the process died: the page cache is still there. */
  restart(): SimulatedDisk {
    this.stopped = true
    return new SimulatedDisk({ ...this.options, seed: this.random.next() }, this.directories)
  }

  /** As `restart`, but on a copy: this one can be crashed or copied again, to go on from here in many ways. */
  copy(): SimulatedDisk {
    this.stopped = true
    const copies = new Map<SimulatedInode, SimulatedInode>()
    const copied = (file: SimulatedInode): SimulatedInode => {
      const copy = copies.get(file) ?? file.copy()
      copies.set(file, copy)
      return copy
    }
    const entries = (map: Map<string, SimulatedInode>): Map<string, SimulatedInode> =>
      new Map([...map].map(([name, file]) => [name, copied(file)]))
    const directories = [...this.directories].map(([path, { cached, durable, effects }]) => {
      const copiedEffects = effects.map((effect) =>
        effect.map(([name, file]) => [name, file && copied(file)] as const),
      )
      return [path, { cached: entries(cached), durable: entries(durable), effects: copiedEffects }] as const
    })
    return new SimulatedDisk({ ...this.options, seed: this.random.next() }, new Map(directories))
  }

  makeDirectory(path: string): Promise<void> {
    return this.operate('makeDirectory', () => {
      for (let at = path; !this.directories.has(at); at = dirname(at)) {
        this.directories.set(at, { cached: new Map(), durable: new Map(), effects: [] })
      }
    })
  }

  list(path: string): Promise<readonly string[]> {
    return this.operate('list', () => [...this.directory(path).cached.keys()].toSorted())
  }

  open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile> {
    return this.operate('open', () => {
      const existing = this.directory(dirname(path)).cached.get(nameOf(path))
      if (mode !== 'create') {
        if (existing === undefined) throw diskError('ENOENT', path)
        return new SimulatedFile(this, existing, path, mode === 'write')
      }
      if (existing !== undefined) throw diskError('EEXIST', path)
      const file = new SimulatedInode()
      this.change(dirname(path), [[nameOf(path), file]])
      return new SimulatedFile(this, file, path, true)
    })
  }

  remove(path: string): Promise<void> {
    return this.operate('remove', () => {
      this.entry(path)
      this.change(dirname(path), [[nameOf(path), undefined]])
    })
  }

  /** Within one directory only; atomic, as POSIX demands. */
  rename(from: string, to: string): Promise<void> {
    return this.operate('rename', () => {
      if (dirname(from) !== dirname(to)) throw diskError('EXDEV', to)
      const file = this.entry(from)
      this.change(dirname(from), [
        [nameOf(from), undefined],
        [nameOf(to), file],
      ])
    })
  }

  syncDirectory(path: string): Promise<void> {
    return this.operate('syncDirectory', () => {
      const directory = this.directory(path)
      directory.durable = new Map(directory.cached)
      directory.effects = []
    })
  }

  space(path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
    return this.operate('space', () => {
      this.directory(path)
      return { freeBytes: this.freeBytes(), totalBytes: this.capacityBytes }
    })
  }

  /** Runs one operation, or the fault planned for it. Used by the files of this disk. */
  async operate<T>(
    kind: OperationKind,
    whole: () => T,
    part: (random: SeededRandom) => void = () => undefined,
  ): Promise<T> {
    if (this.stopped) throw diskError('EIO', 'the power is off')
    this.operations += 1
    this.counts[kind] += 1
    this.history.push(kind)
    const operation = this.operations
    if (operation >= this.killedAt) {
      this.struck.push(kind)
      this.stopped = true
    }
    for (let ticks = this.random.below(4); ticks > 0; ticks -= 1) await Promise.resolve()
    if (this.stopped) throw diskError('EIO', 'the power is off')
    if (operation >= this.powerCutAt) {
      this.struck.push(kind)
      if (this.random.oneIn(2)) whole()
      else part(this.random)
      this.stopped = true
      this.powerIsOff = true
      throw diskError('EIO', 'the power went off')
    }
    const fault = this.faults.get(operation) ?? this.nextFaults.get(kind)
    this.nextFaults.delete(kind)
    if (fault === undefined) return whole()
    this.struck.push(kind)
    part(this.random)
    throw diskError(fault, `operation ${operation}`)
  }

  /** Bytes that still fit. Used by the files of this disk. */
  freeBytes(): number {
    return Math.max(0, this.capacityBytes - this.usedBytes())
  }

  /** Bytes that all files hold. */
  usedBytes(): number {
    let used = 0
    for (const { cached } of this.directories.values()) {
      for (const file of cached.values()) used += file.cached.length
    }
    return used
  }

  private directory(path: string): Directory {
    const directory = this.directories.get(path)
    if (directory === undefined) throw diskError('ENOENT', path)
    return directory
  }

  private entry(path: string): SimulatedInode {
    const file = this.directory(dirname(path)).cached.get(nameOf(path))
    if (file === undefined) throw diskError('ENOENT', path)
    return file
  }

  private change(path: string, effect: EntryEffect): void {
    const directory = this.directory(path)
    applyEntries(directory.cached, effect)
    directory.effects.push(effect)
  }
}

function applyEntries(entries: Map<string, SimulatedInode>, effect: EntryEffect): void {
  for (const [name, file] of effect) {
    if (file === undefined) entries.delete(name)
    else entries.set(name, file)
  }
}

function nameOf(path: string): string {
  return path.slice(dirname(path).length + 1)
}

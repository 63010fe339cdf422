/**
 * The disk as the journal sees it: the one door, so that a simulated disk (lost, torn and reordered unsynced
 * writes, failing operations) can stand in for the real one. Paths are absolute. Every operation may reject
 * with a Node-style error carrying `code` (`ENOSPC`, `EIO`, `ENOENT`, `EEXIST`, ...).
 */
export interface Disk {
  /** Creates the directory and its parents, each synced into its parent. No error when it exists. */
  makeDirectory(path: string): Promise<void>
  /** Names (not paths) in the directory, sorted. */
  list(path: string): Promise<readonly string[]>
  /**
   * `create` fails with EEXIST; `read` and `write` with ENOENT. A file created is durable only after
   * `syncDirectory`.
   */
  open(path: string, mode: 'create' | 'read' | 'write'): Promise<DiskFile>
  remove(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Makes creations, removals and renames in the directory durable. */
  syncDirectory(path: string): Promise<void>
  /** Bytes free for us and in all, on the file system that holds `path`. */
  space(path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
}

/** An open file. Positions are absolute; there is no hidden cursor. */
export interface DiskFile {
  /** Fills as much of `target` as the file holds from `position`; returns the count, 0 at the end. */
  read(target: Uint8Array, position: number): Promise<number>
  /** Writes all bytes or rejects. Durable only after `sync`. */
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Makes all earlier writes of this descriptor durable. After a rejection the descriptor MUST NOT be used again. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

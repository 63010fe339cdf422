import type { DiskFile } from './disk.ts'

/** Lets go of a file that was only read, or whose bytes that matter were synced before. */
export async function closeQuietly(file: DiskFile): Promise<void> {
  try {
    await file.close()
  } catch {
    // Nothing is lost: whatever counts as durable was synced before, and nothing else was promised.
  }
}

export type { LogParts } from './logs.ts'
export type { Manifest } from './manifest.ts'
export { restoreBackup, type Restored, type RestoreOptions } from './restore.ts'
export { type BackupOptions, type OnProgress, takeBackup } from './take.ts'

export { type Core, type CoreOptions, startCore } from './core.ts'
export { type OfflineCore, openOfflineCore } from './offline.ts'
export { writeAgain } from './projection.ts'

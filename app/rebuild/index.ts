export { rebuildInflux } from './influx.ts'
export { type Rebuilt, rebuildReadings, type RebuildOptions } from './rebuild.ts'

export type * from './contract.ts'
export type * from './readings/port.ts'

export { type Demonstration, startDemonstration } from './demonstration.ts'

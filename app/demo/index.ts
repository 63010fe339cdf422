export { type Demonstration, startDemonstration } from './demonstration.ts'
export { markedAsDemonstration } from './document.ts'

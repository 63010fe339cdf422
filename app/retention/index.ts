export type { Goes, KeptBy, SegmentOutlook } from './outlook.ts'
export { whatGoes } from './outlook.ts'
export {
  journalOutlook,
  type RetentionParts,
  trimJournal,
  type TrimmedJournal,
  type TrimOptions,
} from './trim.ts'

import { type Static, Type } from 'typebox'
import { type LogFolder, logFolders, type LogLevel, logLevels } from '../doors/log.ts'

const level = Type.Optional(Type.Enum([...logLevels] as LogLevel[]))

/** The setting `log_levels`: a level for each folder that is to have one of its own. */
export const logLevelsSchema = Type.Object(
  Object.fromEntries(logFolders.map((folder) => [folder, level])) as Record<LogFolder, typeof level>,
  {
    additionalProperties: false,
    description: `Levels of single folders in place of log_level, like gateway=debug,ingest=warn; in the file a map. Folders: ${logFolders.join(', ')}; levels: ${logLevels.join(', ')}.`,
  },
)

/** A level for some folders. */
export type LogLevels = Static<typeof logLevelsSchema>

/** The map that a text like `gateway=debug,ingest=warn` means; the text itself when it is written in another way. */
export function readLogLevels(text: string): unknown {
  const pairs = text.split(',').map((pair) => pair.split('=').map((word) => word.trim()))
  const isMap = pairs.every((pair) => pair.length === 2 && pair.every((word) => word !== ''))
  const names = new Set(pairs.map(([name]) => name))
  return isMap && names.size === pairs.length ? Object.fromEntries(pairs) : text
}

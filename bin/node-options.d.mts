/** Command line options of Node. */
export const nodeOptions: readonly string[]
/** Environment variables for the process. */
export const nodeEnvironment: Readonly<Record<string, string>>
/** Folder of compiled modules. */
export const compileCache: string
/** The environment of a command, from its words. */
export function environmentOf(words: readonly string[]): Readonly<Record<string, string>>

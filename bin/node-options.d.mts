/** What Isotherm's Node is started with. */
export const nodeOptions: readonly string[]

/** What stands in the environment of that Node, unless it is set already. */
export const nodeEnvironment: Readonly<Record<string, string>>

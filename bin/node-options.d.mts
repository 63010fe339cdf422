/** What Isotherm's Node is started with. */
export const nodeOptions: readonly string[]

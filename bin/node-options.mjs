/**
 * What Isotherm's Node is started with. Each of its five threads has a space for what has just been made, which grows
 * to 48 MiB by default and stays: 85 of the 400 MiB of an idle server, and more with many connections. Under a flood
 * the smaller one cost the thread of acknowledgements no processor time that could be told from none.
 */
export const nodeOptions = ['--max-semi-space-size=4']

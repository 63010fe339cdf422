import type { ChannelSender } from '../port.ts'
import { printable } from '../print.ts'

/** More than any text and id together. */
const LINE_CHARACTERS_MAX = 1_000

/**
 * The channel that prints: one line per message, for whoever watches the terminal, and for the demonstration.
 * Nothing in a message can move the cursor or forge a second line.
 */
export function openConsoleChannel(print: (line: string) => void): ChannelSender {
  return {
    send: async ({ id, text }) => {
      print(printable(`${text} [${id}]`, LINE_CHARACTERS_MAX))
      return { kind: 'sent' }
    },
  }
}

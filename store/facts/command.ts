import type { Actor, Random } from '../../domain/index.ts'
import type { CommandName, Commands } from '../contract.ts'
import type { FactsTransaction } from './port.ts'

/** What a command works with: its transaction, who asks, and the doors it needs. */
export interface CommandContext {
  readonly tx: FactsTransaction
  readonly actor: Actor
  readonly random: Random
  /** The wall clock at the start of the command, epoch ms. */
  readonly nowMs: number
}

/** Carries out one command inside its transaction; a throw rolls everything back. */
export type CommandHandler<N extends CommandName> = (
  context: CommandContext,
  input: Commands[N]['input'],
) => Promise<Commands[N]['output']>

/** One handler per command. */
export type CommandHandlers<N extends CommandName = CommandName> = { readonly [C in N]: CommandHandler<C> }

/** Who has acknowledgements to send. */
interface Sender {
  sendAcknowledgements(): void
}

/**
 * Those who have something to send when this turn of the event loop ends: a sync confirms messages of hundreds of
 * connections, and one callback for all of them costs less than one for each.
 */
export class TurnEnd {
  #senders: Sender[] = []

  /** Has this one send at the end of the turn, in the order of the calls. */
  sends(sender: Sender): void {
    if (this.#senders.push(sender) === 1) process.nextTick(() => this.#end())
  }

  #end(): void {
    const senders = this.#senders
    this.#senders = []
    for (const each of senders) each.sendAcknowledgements()
  }
}

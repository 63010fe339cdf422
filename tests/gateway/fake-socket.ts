import { Duplex } from 'node:stream'

/** A socket in the test's hands: `arrive` is the network, `written` what was sent, `peerReads()` the peer taking it. */
export class FakeSocket extends Duplex {
  readonly written: Buffer[] = []
  stuck = false
  #taken = (): void => undefined
  override _read(): void {
    // Bytes come when the test says so.
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk)
    if (this.stuck) this.#taken = done
    else done()
  }
  peerReads(): void {
    this.stuck = false
    this.#taken()
  }
  arrive(bytes: Uint8Array): void {
    this.push(bytes)
  }
}

import type { Socket } from 'node:net'
import { deserialize, serialize } from 'node:v8'
import type { Channel } from './channel.ts'

/** Answers are pages of lists; anything near this size is a fault on the other side. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024
const LENGTH_BYTES = 4

/**
 * A channel over a stream socket: u32 big-endian length, then the message in V8's structured-clone encoding.
 * For sockets inside the data directory only (mode 0600): whoever can open it can read the data anyway.
 */
export function socketChannel(socket: Socket): Channel {
  let listener: (message: unknown) => void = () => undefined
  let pending: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    while (pending.length >= LENGTH_BYTES) {
      const length = pending.readUInt32BE(0)
      if (length > MESSAGE_BYTES_MAX) {
        socket.destroy()
        return
      }
      if (pending.length < LENGTH_BYTES + length) return
      const body = pending.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
      pending = pending.subarray(LENGTH_BYTES + length)
      listener(deserialize(body))
    }
  })
  return {
    post: (message) => {
      const body = serialize(message)
      const head = Buffer.alloc(LENGTH_BYTES)
      head.writeUInt32BE(body.length, 0)
      socket.write(Buffer.concat([head, body]))
    },
    onMessage: (given) => {
      listener = given
    },
    onClose: (given) => void socket.once('close', () => given()),
    close: () => void socket.end(),
  }
}

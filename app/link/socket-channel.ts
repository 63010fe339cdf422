import type { Socket } from 'node:net'
import { deserialize, serialize } from 'node:v8'
import { Problem } from '../../domain/index.ts'
import type { Channel } from './channel.ts'

/** Answers are pages of lists and the facts travel in pieces; anything near this size is a fault. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024
/** More than this unsent means that the other side has stopped reading, and must not fill our memory. */
const UNSENT_BYTES_MAX = 2 * MESSAGE_BYTES_MAX
const LENGTH_BYTES = 4

/**
 * A channel over a stream socket: u32 big-endian length, then the message in V8's structured-clone encoding.
 * For sockets inside the data directory only (mode 0600): whoever can open it can read the data anyway. It is
 * closed when bytes arrive that are no message, or when the other side has stopped reading.
 */
export function socketChannel(socket: Socket): Channel {
  let listener: (message: unknown) => void = () => undefined
  socket.on('error', () => socket.destroy())
  const take = messageTaker((message) => {
    listener(message)
  })
  socket.on('data', (chunk: Buffer) => {
    if (!take(chunk)) socket.destroy()
  })
  return {
    post: (message) => {
      const body = serialize(message)
      if (body.length > MESSAGE_BYTES_MAX) throw tooLarge(body.length)
      const head = Buffer.alloc(LENGTH_BYTES)
      head.writeUInt32BE(body.length, 0)
      socket.write(Buffer.concat([head, body]))
      if (socket.writableLength > UNSENT_BYTES_MAX) socket.destroy()
    },
    onMessage: (given) => {
      listener = given
    },
    onClose: (given) => void socket.once('close', () => given()),
    // not `end`: it waits for the other side, which may be a stopped process
    close: () => void socket.destroy(),
  }
}

/** Cuts messages out of chunks, which are joined once per message. False when they are no messages of ours. */
function messageTaker(give: (message: unknown) => void): (chunk: Buffer) => boolean {
  let chunks: Buffer[] = []
  let gatheredBytes = 0
  let neededBytes = LENGTH_BYTES
  return (chunk) => {
    chunks.push(chunk)
    gatheredBytes += chunk.length
    if (gatheredBytes < neededBytes) return true
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks, gatheredBytes)
    neededBytes = LENGTH_BYTES
    while (rest.length >= LENGTH_BYTES) {
      const length = rest.readUInt32BE(0)
      if (length > MESSAGE_BYTES_MAX) return false
      neededBytes = LENGTH_BYTES + length
      if (rest.length < neededBytes) break
      const message = messageOf(rest.subarray(LENGTH_BYTES, neededBytes))
      if (message === undefined) return false
      rest = rest.subarray(neededBytes)
      neededBytes = LENGTH_BYTES
      give(message)
    }
    chunks = rest.length === 0 ? [] : [rest]
    gatheredBytes = rest.length
    return true
  }
}

function messageOf(body: Buffer): unknown {
  try {
    return deserialize(body)
  } catch {
    // Nothing is lost: what cannot be read closes the channel, and both sides learn that.
    return undefined
  }
}

function tooLarge(bytes: number): Problem {
  return new Problem('internal', {
    what: `A message of ${bytes} bytes is larger than the ${MESSAGE_BYTES_MAX} that can be sent.`,
    remedy: 'Ask for less at a time. Report it when you did not ask for a list.',
  })
}

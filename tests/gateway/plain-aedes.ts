import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { AedesOptions, Client, PublishPacket } from 'aedes'
import { Aedes } from 'aedes'
import { connectPacket, connectRaw, type RawClient, undoLater } from './raw-client.ts'

/** A packet for which authorizePublish has not called back yet. */
export interface Pending {
  readonly client: Client | null
  readonly packet: PublishPacket
  readonly done: (error?: Error | null) => void
}

/** Plain Aedes, without our gateway, that keeps every PUBLISH pending until the test decides. */
export async function startBroker(options: AedesOptions = {}) {
  const pending: Pending[] = []
  const events: string[] = []
  const broker = await Aedes.createBroker({
    authorizePublish: (client, packet, done) => {
      events.push('authorize')
      pending.push({ client, packet, done })
    },
    published: (packet, _client, done) => {
      if (!packet.topic.startsWith('$SYS')) events.push('published')
      done(null)
    },
    ...options,
  })
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    broker.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undoLater(() => new Promise<void>((resolve) => broker.close(resolve)))
  undoLater(() => server.close())
  const { port } = server.address() as AddressInfo
  return { broker, pending, events, sockets, port }
}

/** A bare client that has its CONNACK. */
export async function connected(port: number, clientId: string, more: object = {}): Promise<RawClient> {
  const client = await connectRaw(port)
  client.send(connectPacket('someone', 'x', { clientId, ...more }))
  await client.next('connack')
  return client
}

/** What Aedes' store keeps of a QoS 2 message between PUBREC and PUBREL; undefined when nothing. */
export async function keptQos2(
  broker: Aedes,
  clientId: string,
  messageId: number,
): Promise<PublishPacket | undefined> {
  try {
    return await storeOf(broker).incomingGetPacket({ id: clientId }, { messageId })
  } catch {
    return undefined // which is how it says that it has none
  }
}

/** Topics Aedes keeps a retained message for. */
export async function keptRetained(broker: Aedes): Promise<string[]> {
  const topics: string[] = []
  for await (const { topic } of storeOf(broker).createRetainedStreamCombi(['#'])) topics.push(topic)
  return topics
}

/** The store is not in Aedes' types; these are calls Aedes itself makes. */
interface Store {
  incomingGetPacket(client: { id: string }, packet: { messageId: number }): Promise<PublishPacket>
  createRetainedStreamCombi(patterns: string[]): AsyncIterable<PublishPacket>
}

function storeOf(broker: Aedes): Store {
  return (broker as unknown as { persistence: Store }).persistence
}

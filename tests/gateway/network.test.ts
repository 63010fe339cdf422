import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { listenTcp } from '../../app/doors/network.ts'
import { undoAll, undoLater, until } from './raw-client.ts'

afterEach(undoAll)

async function listen(port = 0) {
  const sockets: Socket[] = []
  const listener = await listenTcp({
    host: '127.0.0.1',
    port,
    onSocket: (socket) => {
      sockets.push(socket)
      undoLater(() => socket.destroy())
    },
  })
  undoLater(() => listener.stopAccepting())
  return { listener, sockets }
}

async function connect(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1' })
  undoLater(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

test('a port that is taken is a problem that names it', async () => {
  const { listener } = await listen()
  await expect(listen(listener.port)).rejects.toMatchObject({
    code: 'configuration-invalid',
    message: expect.stringContaining(`127.0.0.1:${listener.port}`) as string,
  })
})

test('after stopAccepting nobody new comes in, and who is there stays', async () => {
  const { listener, sockets } = await listen()
  const client = await connect(listener.port)
  await until(() => sockets.length === 1)
  await listener.stopAccepting()
  await expect(connect(listener.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  sockets[0]?.write('still here')
  const [bytes] = (await once(client, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('still here')
})

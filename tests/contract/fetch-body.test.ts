import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { fetchUrl } from '../../app/doors/network.ts'

const BYTES = 4 * 1024 * 1024

test('fetch sends bytes as they were when it was called, whatever becomes of them before they are sent', async () => {
  const seen: { body: Buffer; type: string | undefined; length: string | undefined }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { 'content-type': type, 'content-length': length } = request.headers
      seen.push({ body: Buffer.concat(chunks), type, length })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const memory = new Uint8Array(BYTES + 2).fill(1)
    const headers = { 'content-type': 'text/plain; charset=utf-8' }
    const body = memory.subarray(1, BYTES + 1)
    const answer = fetchUrl(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })
    memory.fill(2)
    expect((await answer).status).toBe(204)
    const [one] = seen
    expect(one).toMatchObject({ type: headers['content-type'], length: String(BYTES) })
    expect(one?.body.equals(Buffer.alloc(BYTES, 1))).toBe(true)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

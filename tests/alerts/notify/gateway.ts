import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OutgoingMessage } from '../../../domain/index.ts'

/** One request a gateway got. */
export interface Taken {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A gateway on a free port that answers as `answer` says; everything it gets is in `taken`. */
export async function startGateway(answer: (response: ServerResponse, request: Taken) => void) {
  const taken: Taken[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(chunks) }
      taken.push(one)
      answer(response, one)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/isotherm`,
    taken,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A message as the outbox keeps it. */
export const sample: OutgoingMessage = {
  id: 'msg-0001',
  channel: 'http',
  to: '+8613800000000',
  language: 'zh',
  template: 'incident-raised',
  subject: '报警 偏高 疫苗冰箱1 城东预防接种门诊',
  text: '报警 偏高 12.3 ℃(上限8.0 ℃) 城东预防接种门诊 疫苗冰箱1 11-24 03:05 UTC+8起 3批疫苗 编号K7Q2',
  variables: { mark: '', grade: '报警', code: 'K7Q2' },
  createdMs: Date.UTC(2026, 10, 23, 19, 6),
}

import type { FastifyInstance } from 'fastify'
import { declarePublic } from '../guard.ts'
import type { PageFile } from '../ports.ts'

/** The name of such a file changes with its content, so a browser never has to ask again. */
const HASHED_CACHE = 'public, max-age=31536000, immutable'
/** The document names the other files: it is asked for every time. */
const DOCUMENT_CACHE = 'no-cache'
const DOCUMENT_NAME = 'index.html'

/** `/` and the files it needs, from memory: nothing that a request names is ever looked up on disk. */
export async function pageRoutes(app: FastifyInstance, files: readonly PageFile[]): Promise<void> {
  await app.register(async (part) => {
    declarePublic(part)
    for (const { name, media, bytes } of files) {
      const isDocument = name === DOCUMENT_NAME
      part.get(isDocument ? '/' : `/${name}`, { schema: { hide: true } }, (_request, reply) => {
        reply.header('cache-control', isDocument ? DOCUMENT_CACHE : HASHED_CACHE).type(media)
        return reply.send(bytes)
      })
    }
  })
}

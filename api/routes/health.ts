import { Type } from 'typebox'
import { Problem } from '../../domain/index.ts'
import { publicAccess } from '../access.ts'
import type { Health } from '../ports.ts'
import type { TypedApp } from './typed.ts'

/** `GET /healthz` and `GET /readyz`, for whoever keeps the process running. */
export function healthRoutes(app: TypedApp, health: () => Health): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'isAlive',
        summary: 'Whether the process answers',
        tags: ['health'],
        response: { 200: Type.Object({ status: Type.Literal('ok') }) },
      },
      config: { access: publicAccess, limit: 'none' },
    },
    () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'isReady',
        summary: 'Whether every part works; 503 when one does not',
        tags: ['health'],
        response: {
          200: Type.Object({
            status: Type.Literal('ready'),
            parts: Type.Record(Type.String(), Type.String()),
          }),
        },
      },
      config: { access: publicAccess, limit: 'none' },
    },
    () => {
      const { ready, parts } = health()
      if (ready) return { status: 'ready' as const, parts: { ...parts } }
      const states = Object.entries(parts).map(([part, state]) => `${part} ${state}`)
      throw new Problem('core-unavailable', {
        what: `Not ready: ${states.join(', ')}.`,
        remedy: 'Wait until all parts are up; if it stays, see the log of the server.',
      })
    },
  )
}

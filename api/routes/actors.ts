import { Type } from 'typebox'
import { Problem } from '../../domain/index.ts'
import type { ApiParts } from '../ports.ts'
import { exactly } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

/** `GET actors/:actor`: acts carry ids, and people read names. */
export function actorRoutes(app: TypedApp, { access }: ApiParts): void {
  app.get(
    '/api/v1/actors/:actor',
    {
      schema: {
        operationId: 'showActor',
        summary: 'The name of the user or key that an act names',
        tags: ['incidents'],
        params: exactly({
          actor: Type.String({
            pattern: '^(user|key):[A-Za-z0-9._-]{1,64}$',
            description: '`user:<id>` or `key:<id>`.',
          }),
        }),
        response: { 200: Type.Object({ actor: Type.String(), name: Type.String() }) },
      },
      // who may see what was done about incidents may know by whom; ids cannot be guessed
      config: { access: { right: 'incidents:read', scope: { kind: 'anywhere' } } },
    },
    ({ params: { actor } }) => {
      const [kind, id = ''] = actor.split(':')
      const found = kind === 'user' ? access.user(id) : access.key(id)
      if (found !== undefined) return { actor, name: found.name }
      throw new Problem('not-found', {
        what: `There is no ${actor}.`,
        remedy: 'Name the actor as the act does.',
      })
    },
  )
}

import { Type } from 'typebox'
import { readyBytes } from '../answers.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, time, timeQuery } from '../schemas.ts'
import { emptyPeriod, parseTime } from '../times.ts'
import type { TypedApp } from './typed.ts'

const degreesOrNull = Type.Union([Type.Number(), Type.Null()], { description: 'degC; null = nothing known.' })
const seconds = (description: string) => Type.Number({ description })
const worst = Type.Union(
  [
    Type.Object({ point: Type.String(), outSeconds: Type.Number(), min: degreesOrNull, max: degreesOrNull }),
    Type.Null(),
  ],
  { description: 'The point that was out of range longest, then furthest; null when none was.' },
)
const times = {
  inSeconds: seconds('In range, both ends included.'),
  warmSeconds: seconds('Too warm.'),
  coldSeconds: seconds('Too cold.'),
  unknownSeconds: seconds('Nothing was measured that still spoke.'),
  min: degreesOrNull,
  max: degreesOrNull,
  worst,
}
const exposure = Type.Object({
  lot: Type.String(),
  product: Type.String(),
  range: Type.Object(
    { min: Type.Number(), max: Type.Number() },
    { description: "What the product's label allows, degC." },
  ),
  legs: Type.Array(
    Type.Object({
      place: Type.String(),
      measuredIn: Type.Union([Type.String(), Type.Null()], {
        description: 'The place whose points spoke for it; null when there was none, and all is unknown.',
      }),
      from: time,
      to: time,
      quantity: Type.Integer(),
      ...times,
    }),
    {
      description: 'Stock in place, leg by leg. In, warm, cold and unknown add up to the length of the leg.',
    },
  ),
  total: Type.Object(times, { description: 'All legs added up, also those side by side.' }),
})

/** `GET lots/{id}/exposure`: how warm it was where the lot lay. */
export function exposureRoutes(app: TypedApp, { queries, clock }: ApiParts): void {
  app.get(
    '/api/v1/lots/:id/exposure',
    {
      schema: {
        operationId: 'getLotExposure',
        summary: "Time in and out of the product's range where the lot lay, leg by leg",
        description:
          'Without `from` since the lot was first received, without `to` until now; time to come is not counted. ' +
          'Legs at places outside of your reach are left out.',
        tags: ['lots'],
        params: exactly({ id: name('Id of the lot.') }),
        querystring: exactly({ from: Type.Optional(timeQuery), to: Type.Optional(timeQuery) }),
        response: { 200: exposure },
      },
      config: { access: { right: 'lots:read', scope: { kind: 'anywhere' } } },
    },
    async ({ params, query, scopes }, reply) => {
      const asOfMs = clock.nowMs()
      const toMs = query.to === undefined ? asOfMs : parseTime('to', query.to)
      const from = query.from === undefined ? {} : { fromMs: parseTime('from', query.from) }
      if (from.fromMs !== undefined && from.fromMs >= toMs) throw emptyPeriod()
      const asked = { lot: params.id, scopes, ...from, toMs, asOfMs }
      return readyBytes(reply, await queries.query('lot.exposure', asked))
    },
  )
}

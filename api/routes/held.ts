import { Type } from 'typebox'
import { channels, type Stands, whoStands } from '../../domain/index.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, reason, time } from '../schemas.ts'
import { ofPath } from './devices.ts'
import type { TypedApp } from './typed.ts'

const tags = ['held']
const params = exactly({
  id: name('Id of the device.'),
  index: Type.Integer({ minimum: 0, description: 'Index of the record, as `held` lists it.' }),
})
const record = Type.Object({
  device: Type.String(),
  index: Type.Integer(),
  receivedAt: time,
  channel: Type.Enum(Object.keys(channels), { description: 'By which road it came.' }),
  topic: Type.String(),
  qos: Type.Integer(),
  payload: Type.Object(
    { as: Type.Enum(['text', 'hex']), content: Type.String(), bytes: Type.Integer() },
    { description: 'As the device sent it; as hex digits where it is not UTF-8.' },
  ),
})
const stands = Type.Enum(Object.keys(whoStands) as Stands[], {
  description: 'Which one is true: the reading that is held, or what is stored.',
})
const readmitted = Type.Object({
  act: Type.Integer({ description: 'Number of the act in the audit trail.' }),
  index: Type.Integer({ description: 'Index of the record that has the old one judged again.' }),
  heldBefore: Type.Integer({
    description: 'How many of its readings were held, or 1 for the whole message.',
  }),
  heldNow: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'How many still are, for the reasons that `held` lists; null: so much waits before it that ingest has not come to ' +
      'it within 15 s. It is kept and taken in its turn, and need not be asked for again.',
  }),
})

const decided = Type.Object({
  act: Type.Integer({ description: 'Number of the act in the audit trail.' }),
  index: Type.Integer({ description: 'Index of the record that decides.' }),
  stands,
  done: Type.Boolean({
    description:
      'False: so much waits before it that ingest has not come to it within 15 s. It is kept and taken in its turn, and ' +
      'need not be asked for again.',
  }),
})

/** `GET devices/:id/held/:index`, `POST devices/:id/held/:index/readmit` and `.../decide`. */
export function heldRoutes(app: TypedApp, { held }: ApiParts): void {
  app.get(
    '/api/v1/devices/:id/held/:index',
    {
      schema: {
        operationId: 'getHeldRecord',
        summary: 'A record of a device as it was received, whole',
        tags,
        params,
        response: { 200: record },
      },
      config: { access: { right: 'held:read', scope: ofPath } },
    },
    ({ params: { id, index } }) => held.heldRecord({ device: id, index }),
  )

  app.post(
    '/api/v1/devices/:id/held/:index/readmit',
    {
      schema: {
        operationId: 'readmitHeld',
        summary: 'Have what is held of a record judged again',
        description:
          'When what it was held for has been mended, such as `acceptFrom` of the device. It is judged by the facts as ' +
          'they are now, as late data, with the time it was received then. What must be held still is held.',
        tags,
        params,
        body: exactly({ reason }),
        response: { 200: readmitted },
      },
      config: { access: { right: 'held:write', scope: ofPath } },
    },
    (request) => {
      const { id, index } = request.params
      return held.readmit(callerOf(request).actor, { device: id, index, reason: request.body.reason })
    },
  )

  app.post(
    '/api/v1/devices/:id/held/:index/decide',
    {
      schema: {
        operationId: 'decideHeld',
        summary: 'Decide which of two readings that contradict each other is true',
        description:
          'About a reading that is held as `conflict`. If the held one stands, each value it tells takes the place of the ' +
          'stored one, what it does not tell stays, and what had told otherwise is held instead; so it can be decided ' +
          'back. If the stored one stands, the held one stays held and waits no more.',
        tags,
        params,
        body: exactly({
          item: Type.Integer({
            minimum: 0,
            maximum: 65_535,
            description: 'Its place in the record, as `held` lists it.',
          }),
          stands,
          reason,
        }),
        response: { 200: decided },
      },
      config: { access: { right: 'decisions:write', scope: ofPath } },
    },
    (request) => {
      const { id, index } = request.params
      return held.decide(callerOf(request).actor, { device: id, index, ...request.body })
    },
  )
}

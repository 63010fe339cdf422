import { type Static, Type } from 'typebox'
import { parseSensorPath, Problem, standings } from '../../domain/index.ts'
import type { LinkedReadings } from '../../store/index.ts'
import { readyBytes } from '../answers.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, page, pageOf, pageQuery, textOrNull, time, timeQuery } from '../schemas.ts'
import { parseDuration, parsePeriod } from '../times.ts'
import type { TypedApp } from './typed.ts'

/** The period when none is asked for: what somebody on call wants to see first. */
const PERIOD_DEFAULT_MS = 24 * 3_600_000

const query = exactly({
  sensor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64})?$',
      description: '`<device>/<sensor>`; a device alone means its sensor `main`.',
    }),
  ),
  point: Type.Optional(
    name(
      'In place of `sensor`: of the sensors that were at this point when they were taken. `none` = of sensors that ' +
        'were placed nowhere; only a role on `root` may ask for it.',
    ),
  ),
  place: Type.Optional(name('In place of `sensor`: of the points of this place and of places nested in it.')),
  lot: Type.Optional(
    name(
      'In place of `sensor`: of the judged points that speak for the places the lot was in, while it was there: ' +
        "the place's own, or those of the nearest place around it that has some. Only places within your reach.",
    ),
  ),
  secondary: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'With `point` or `place`: readings of secondary placements too, which are not judged.',
    }),
  ),
  from: Type.Optional(timeQuery),
  to: Type.Optional(timeQuery),
  step: Type.Optional(
    Type.String({
      maxLength: 20,
      description: 'Answer buckets of this length instead: such as 60s, 5m, 1h, 1d, or ms.',
    }),
  ),
  quantity: Type.Optional(
    Type.Enum(['temperature', 'humidity', 'battery'], {
      default: 'temperature',
      description: 'What buckets are made of; with `step` only.',
    }),
  ),
  ...pageQuery,
})

const optional = Type.Optional
const reading = Type.Object({
  sensor: Type.String(),
  t: Type.String({
    description: 'The instant used everywhere: `at`, or arrival where that is missing or distrusted.',
  }),
  at: Type.Union([time, Type.Null()], { description: 'The time as the device sent it.' }),
  seq: Type.Union([Type.Integer(), Type.Null()]),
  site: textOrNull,
  place: textOrNull,
  point: Type.Union([Type.String(), Type.Null()], {
    description:
      'Where the sensor was at `t`; null like site, place and standing when it was placed nowhere.',
  }),
  standing: Type.Union([Type.Enum([...standings]), Type.Null()], {
    description: '`secondary` readings are stored and never judged.',
  }),
  receivedAt: time,
  temperature: optional(Type.Number({ description: 'degC' })),
  humidity: optional(Type.Number({ description: '%RH' })),
  battery: optional(Type.Number({ description: '%' })),
  doorOpen: optional(Type.Boolean()),
  mainsPower: optional(Type.Boolean()),
  lat: optional(Type.Number()),
  lon: optional(Type.Number()),
  fault: optional(
    Type.Enum(['power-up'], {
      description:
        '85.000 as a probe answers it before it has measured: no temperature, and unknown to whatever is judged.',
    }),
  ),
  marks: Type.Array(Type.String(), { description: 'Why the time of the reading needs care.' }),
  position: Type.Object(
    { log: Type.String(), index: Type.Integer(), item: Type.Integer() },
    { description: 'The record that stored it, and its place in that record.' },
  ),
})
const bucket = Type.Object({
  start: time,
  count: Type.Integer(),
  min: Type.Number(),
  max: Type.Number(),
  mean: Type.Number(),
})

/** `GET readings`: rows of a sensor, point, place or lot, or buckets when `step` is given. */
export function readingRoutes(app: TypedApp, { queries, clock }: ApiParts): void {
  app.get(
    '/api/v1/readings',
    {
      schema: {
        operationId: 'listReadings',
        summary:
          'Readings of a sensor, point, place or lot in [from, to), oldest first; with step, per bucket',
        description: 'Without `to` until now, without `from` the 24 hours before `to`.',
        tags: ['readings'],
        querystring: query,
        response: { 200: Type.Union([page(reading), page(bucket)]) },
      },
      config: {
        access: {
          right: 'readings:read',
          scope: {
            kind: 'organisation',
            in: 'query',
            field: 'sensor',
            of: 'sensor',
            or: { place: 'place', point: 'point', lot: 'any' },
            absent: 'root',
            everything: 'none',
          },
        },
      },
    },
    async ({ query, scopes }, reply) => {
      const period = parsePeriod(query, clock.nowMs(), PERIOD_DEFAULT_MS)
      const { secondary } = query
      const asked: LinkedReadings = {
        selection: selectionFrom(query),
        period,
        scopes,
        ...(secondary === undefined ? {} : { secondary }),
      }
      if (query.step === undefined) {
        if (query.quantity !== undefined) throw stepAlone('quantity needs step')
        return readyBytes(reply, await queries.query('readings', { ...asked, ...pageOf(query) }))
      }
      if (query.limit !== undefined || query.after !== undefined)
        throw stepAlone('step does not go with limit or after')
      const stepMs = parseDuration('step', query.step)
      const quantity = query.quantity ?? 'temperature'
      return readyBytes(reply, await queries.query('readings.buckets', { ...asked, stepMs, quantity }))
    },
  )
}

function selectionFrom({ sensor, point, place, lot }: Static<typeof query>): LinkedReadings['selection'] {
  const given = [sensor, point, place, lot].filter((each) => each !== undefined)
  if (given.length === 1) {
    const parsed = sensor === undefined ? undefined : parseSensorPath(sensor)
    if (parsed !== undefined) return { by: 'sensor', ...parsed }
    if (point !== undefined) return { by: 'point', point }
    if (place !== undefined) return { by: 'place', place }
    if (lot !== undefined) return { by: 'lot', lot }
  }
  throw new Problem('bad-request', {
    what: 'Readings are asked for by sensor, point, place or lot, by exactly one of them.',
    remedy: 'Give sensor=<device>/<sensor>, point=<id>, place=<id> or lot=<id>.',
  })
}

function stepAlone(what: string): Problem {
  return new Problem('bad-request', {
    what: `${what}.`,
    remedy: 'Ask either for pages of readings (limit, after) or for buckets (step, quantity).',
  })
}

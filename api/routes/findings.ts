import { Type } from 'typebox'
import { endReasons, type EndReason, type FindingKind, findingKinds } from '../../domain/index.ts'
import { readyBytes } from '../answers.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, page, pageOf, pageQuery, time, timeQuery } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

const kind = Type.Enum([...findingKinds] as FindingKind[], {
  description:
    '`excursion`: the temperature was out. `silence`: no temperature came. `cadence`: records too far apart. Else what it says.',
})
/** A finding as answered. */
export const findingItem = Type.Object({
  id: Type.String({ description: 'Derived from point, rule, version and start.' }),
  kind,
  place: Type.String(),
  point: Type.String(),
  rule: Type.String(),
  packVersion: Type.Integer({ description: 'Version of the rule pack in force at the start.' }),
  level: Type.Enum(['critical', 'range']),
  direction: Type.Union([Type.Enum(['warm', 'cold']), Type.Null()], {
    description: 'Null, as is the peak, for kinds other than `excursion`.',
  }),
  state: Type.Enum(['confirmed', 'suspected'], {
    description: '`suspected`: only observed and unknown time together reach the duration of the rule.',
  }),
  open: Type.Boolean(),
  start: time,
  alarm: Type.Union([time, Type.Null()], {
    description: 'When the observed time reached the duration of the rule, maybe between readings.',
  }),
  end: Type.Union([time, Type.Null()]),
  endReason: Type.Union([Type.Enum([...endReasons] as EndReason[]), Type.Null()]),
  peak: Type.Union([Type.Number(), Type.Null()], { description: 'degC' }),
  peakAt: Type.Union([time, Type.Null()]),
  label: Type.Union(
    [
      Type.Object({ product: Type.String(), limit: Type.Number({ description: 'degC; itself allowed.' }) }),
      Type.Null(),
    ],
    {
      description:
        'The label of what was stored there, where it was tighter than the rule when it began: then its limit held.',
    },
  ),
  observedSeconds: Type.Number({
    description: 'Seen out of range, silent, or between records too far apart. Only this counts.',
  }),
  worstCaseSeconds: Type.Number({ description: 'With the unknown time.' }),
  bridged: Type.Boolean({ description: 'Unknown time lies between values that are out.' }),
  readings: Type.Integer(),
  confirmedBySingleReading: Type.Boolean(),
  intervals: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'From one record to the next, too long; null, as is the longest, for kinds other than `cadence`.',
  }),
  longestSeconds: Type.Union([Type.Number(), Type.Null()]),
  asOf: Type.String({ description: 'An open finding was judged up to here.' }),
})

/** `GET findings`: what the engine concluded. */
export function findingRoutes(app: TypedApp, { queries }: ApiParts): void {
  app.get(
    '/api/v1/findings',
    {
      schema: {
        operationId: 'listFindings',
        summary: 'Findings that touch [from, to) at places within reach, by start',
        description: 'Judging again may move, split or withdraw findings; the list shows what stands now.',
        tags: ['findings'],
        querystring: exactly({
          ...pageQuery,
          kind: Type.Optional(kind),
          place: Type.Optional(name('Only of this place.')),
          point: Type.Optional(name('Only of this point.')),
          open: Type.Optional(Type.Boolean({ description: 'Only those that are open, or only those over.' })),
          from: Type.Optional(timeQuery),
          to: Type.Optional(timeQuery),
        }),
        response: { 200: page(findingItem) },
      },
      config: { access: { right: 'findings:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const { kind: only, place, point, open, from, to } = query
      const asked = {
        scopes,
        ...pageOf(query),
        ...(only === undefined ? {} : { kind: only }),
        ...(place === undefined ? {} : { place }),
        ...(point === undefined ? {} : { point }),
        ...(open === undefined ? {} : { open }),
        ...timeFields({ from, to }),
      }
      return readyBytes(reply, await queries.query('findings', asked))
    },
  )
}

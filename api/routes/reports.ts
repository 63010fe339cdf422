import { Type } from 'typebox'
import { actorName, Problem } from '../../domain/index.ts'
import type { Queries, ReportFormat } from '../../store/index.ts'
import { readyFile } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, timeQuery } from '../schemas.ts'
import { parsePeriod } from '../times.ts'
import type { TypedApp } from './typed.ts'

/** The period when none is asked for: the month behind us. */
const PERIOD_DEFAULT_MS = 30 * 24 * 3_600_000

const media: Readonly<Record<ReportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json; charset=utf-8',
}

const query = exactly({
  place: Type.Optional(
    name('Of the points of this place and of places nested in it, else of those around it.'),
  ),
  lot: Type.Optional(
    name('In place of `place`: where this lot lay, while it lay there. Only places within your reach.'),
  ),
  from: Type.Optional(timeQuery),
  to: Type.Optional(timeQuery),
  format: Type.Optional(
    Type.Enum(['json', 'csv', 'xlsx'], {
      default: 'json',
      description: 'csv: UTF-8 with a byte order mark, as spreadsheets take it.',
    }),
  ),
  lang: Type.Optional(
    Type.Enum(['zh', 'en'], { default: 'zh', description: 'Of csv and xlsx; json has no language.' }),
  ),
})

const file = {
  description: 'The report, as a file to be saved.',
  content: {
    'application/json': { schema: Type.Object({}, { additionalProperties: true }) },
    'text/csv': { schema: Type.String() },
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
      schema: Type.String({ format: 'binary' }),
    },
  },
}

/** `GET reports/excursions`: what auditors take away. */
export function reportRoutes(app: TypedApp, { queries, clock }: ApiParts): void {
  app.get(
    '/api/v1/reports/excursions',
    {
      schema: {
        operationId: 'getExcursionReport',
        summary: 'Excursions of a place or a lot that touch [from, to), and how complete the record is',
        description:
          'Limits in force, start, end, peak, observed and worst-case duration, affected lots, incidents, and what was ' +
          'expected, stored, late, duplicate, held and missing. Without `to` until now, without `from` the 30 days ' +
          'before `to`; at most 366 days, 10,000 excursions and 4,000 days of points.',
        tags: ['reports'],
        querystring: query,
        response: { 200: file },
      },
      config: {
        access: {
          right: 'reports:read',
          scope: { kind: 'organisation', in: 'query', field: 'place', of: 'place', or: { lot: 'any' } },
        },
      },
      // before the guard looks for a scope in what is missing
      preValidation: async (request) => {
        subjectFrom(request.query)
      },
    },
    async (request, reply) => {
      const { query, scopes } = request
      const { actor, name: known } = callerOf(request)
      const asOfMs = clock.nowMs()
      const period = parsePeriod(query, asOfMs, PERIOD_DEFAULT_MS)
      const subject = subjectFrom(query)
      const { format = 'json', lang: language = 'zh' } = query
      const by = { actor: actorName(actor), name: known }
      const asked = { subject, scopes, ...period, asOfMs, format, language, by }
      const bytes = await queries.query('report.excursions', asked)
      const of = subject.by === 'place' ? subject.place : subject.lot
      const days = `${dayOf(period.fromMs)}-${dayOf(period.toMs)}`
      return readyFile(reply, { media: media[format], name: `excursions-${of}-${days}.${format}` }, bytes)
    },
  )
}

/** What the report is about; the query may still be anything, and what it names is validated afterwards. */
function subjectFrom(query: unknown): Queries['report.excursions']['subject'] {
  const { place, lot } = query as { readonly place?: string; readonly lot?: string }
  if (place !== undefined && lot === undefined) return { by: 'place', place }
  if (lot !== undefined && place === undefined) return { by: 'lot', lot }
  throw new Problem('bad-request', {
    what: 'A report is asked for by place or by lot, by exactly one of them.',
    remedy: 'Give place=<id> or lot=<id>.',
  })
}

/** The UTC day of an instant, for the name of a file: `20261123`. */
function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10).replaceAll('-', '')
}

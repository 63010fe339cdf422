import { type Static, Type } from 'typebox'
import { maxGapMs, Problem } from '../../domain/index.ts'
import type { Queries } from '../../store/index.ts'
import { readyBytes } from '../answers.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, page, pageOf, pageQuery, time, timeQuery } from '../schemas.ts'
import { parsePeriod } from '../times.ts'
import { ofPath, params } from './devices.ts'
import type { TypedApp } from './typed.ts'

const tags = ['devices']
/** A week: what somebody looks at who wonders about a device. */
const PERIOD_DEFAULT_MS = 7 * 86_400_000
/** All readings of the period are looked at: some 100,000 of a device that reports every five minutes. */
const PERIOD_MS_MAX = 366 * 86_400_000

const clockAnswer = Type.Object({
  device: Type.String(),
  offsetSeconds: Type.Union([Type.Number(), Type.Null()], {
    description:
      'Median of arrival minus stated time: above 0 its clock is behind or its readings travel long, below 0 it is ahead.',
  }),
  readings: Type.Integer({
    description: 'How many of its newest readings that is, without those delivered late.',
  }),
  lagSeconds: Type.Union([Type.Number(), Type.Null()], {
    description: 'Arrival minus instant of its newest reading.',
  }),
  lastReceivedAt: Type.Union([time, Type.Null()]),
})
const seqGap = Type.Object({
  boot: Type.Integer({ description: 'How often its numbers had begun anew.' }),
  firstSeq: Type.Integer(),
  lastSeq: Type.Integer(),
  from: time,
  to: time,
})
const timeGap = Type.Object({ sensor: Type.String(), from: time, to: time })
const gapQuery = exactly({
  ...pageQuery,
  kind: Type.Enum(['seq', 'time'], {
    description:
      '`seq`: numbers that no stored reading carries, of those sent with a time. `time`: readings too far apart.',
  }),
  from: Type.Optional(timeQuery),
  to: Type.Optional(timeQuery),
})

/** `GET devices/:id/clock` and `GET devices/:id/gaps`: what the readings tell of the device itself. */
export function deviceHealthRoutes(app: TypedApp, parts: ApiParts): void {
  const { queries } = parts
  app.get(
    '/api/v1/devices/:id/clock',
    {
      schema: {
        operationId: 'getDeviceClock',
        summary: 'How far the clock of a device is off, and how long its readings travel',
        tags,
        params,
        response: { 200: clockAnswer },
      },
      config: { access: { right: 'devices:read', scope: ofPath } },
    },
    async ({ params }, reply) =>
      readyBytes(reply, await queries.query('device.clock', { device: params.id })),
  )

  app.get(
    '/api/v1/devices/:id/gaps',
    {
      schema: {
        operationId: 'listDeviceGaps',
        summary: 'What a device did not deliver: missing numbers, or readings too far apart',
        description:
          'By `time`: between readings in [from, to), a year at most, of the last 7 days when left out; too far is what ' +
          'makes the state of a storage unit unknown, by the interval expected now.',
        tags,
        params,
        querystring: gapQuery,
        response: { 200: Type.Union([page(seqGap), page(timeGap)]) },
      },
      config: { access: { right: 'devices:read', scope: ofPath } },
    },
    async ({ params, query }, reply) => {
      const asked = { device: params.id, by: gapsBy(parts, params.id, query), ...pageOf(query) }
      return readyBytes(reply, await queries.query('device.gaps', asked))
    },
  )
}

function gapsBy(
  { access, clock }: ApiParts,
  device: string,
  { kind, from, to }: Static<typeof gapQuery>,
): Queries['device.gaps']['by'] {
  if (kind === 'seq') {
    if (from === undefined && to === undefined) return { kind }
    throw refused('numbers are listed from the first on; from and to go with kind=time.')
  }
  const period = parsePeriod({ from, to }, clock.nowMs(), PERIOD_DEFAULT_MS)
  if (period.toMs - period.fromMs > PERIOD_MS_MAX) throw refused('the period is longer than 366 days.')
  const expectedIntervalMs = access.device(device)?.expectedInterval ?? 0
  return { kind, period, longerThanMs: maxGapMs(expectedIntervalMs) }
}

function refused(rule: string): Problem {
  return new Problem('bad-request', {
    what: `The gaps cannot be listed: ${rule}`,
    remedy: 'Correct from and to.',
  })
}

import { Type } from 'typebox'
import { mktStatements, operators, ruleQuantities } from '../../domain/index.ts'
import type { ThingScope } from '../access.ts'
import { readyBytes } from '../answers.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, textOrNull, time } from '../schemas.ts'
import { findingItem } from './findings.ts'
import type { TypedApp } from './typed.ts'

const timeOrNull = Type.Union([time, Type.Null()])
const reading = Type.Object({
  t: time,
  temperature: Type.Optional(
    Type.Union([Type.Number(), Type.Null()], {
      description: 'degC, as it counts for the side of the finding; null: the probe was at fault.',
    }),
  ),
  battery: Type.Optional(Type.Union([Type.Number(), Type.Null()], { description: '%' })),
  doorOpen: Type.Optional(Type.Boolean()),
  mainsPower: Type.Optional(Type.Boolean()),
  sensor: textOrNull,
})
const readingOrNull = (description: string) => Type.Union([reading, Type.Null()], { description })
const period = { from: time, to: timeOrNull }
const rule = Type.Object({
  id: Type.String(),
  quantity: Type.Enum([...ruleQuantities], {
    description: '`contact`: whether temperatures come. `recording`: how often they were recorded.',
  }),
  operator: Type.Union([Type.Enum([...operators]), Type.Null()]),
  limit: Type.Union([Type.Number(), Type.Null()], { description: 'degC, or % of a battery.' }),
  durationSeconds: Type.Number({
    description: 'How long it must be seen out, silent or without a record; 0: at once.',
  }),
  level: Type.String(),
  gapPolicy: textOrNull,
  severity: Type.String(),
  clause: Type.String({ description: 'Which sentence of which regulation.' }),
  source: Type.String({ description: 'Where clause and number were found.' }),
  confidence: Type.String({ description: '`seen`, `seen-2` (second-hand) or `mem` (from memory).' }),
})
const seconds = (description: string) => Type.Number({ description })
const deltaHByR = Type.Number({ description: 'Activation energy by the gas constant, K.' })
const mktWindows = Type.Array(
  Type.Object({
    windowSeconds: seconds('How long the window is.'),
    from: time,
    to: time,
    mkt: Type.Number({ description: 'degC, of the time that is known.' }),
    knownSeconds: seconds('The rest of the window counts for nothing.'),
  }),
  {
    description: 'Of those that have the excursion in them, or lie in it, the one with the highest MKT.',
  },
)
const statement = Type.Enum([...mktStatements], {
  description:
    'Advice for quality, never a verdict. `cold`: no mean excuses cold. `too-...`: MKT does not apply; ask the maker.',
})
const mkt = Type.Object(
  {
    deltaHByR,
    windows: mktWindows,
    limit: Type.Union([
      Type.Object({
        temperature: Type.Number({ description: 'degC' }),
        windowSeconds: seconds('Window it is for.'),
        appliesFrom: Type.Number({ description: 'degC; colder, MKT says nothing.' }),
        appliesTo: Type.Number({ description: 'degC; warmer, MKT says nothing.' }),
        excursionSeconds: seconds('Longer, MKT says nothing.'),
      }),
      Type.Null(),
    ]),
    statement,
    products: Type.Array(Type.Object({ product: Type.String(), deltaHByR, windows: mktWindows, statement }), {
      description:
        'The same for products in stock there meanwhile that have an activation energy of their own: of them the statement above says nothing.',
    }),
  },
  { description: 'Mean kinetic temperature around an excursion.' },
)
const explanation = Type.Object({
  finding: findingItem,
  site: Type.String(),
  placeKind: Type.String(),
  role: Type.String({ description: 'Of the point.' }),
  placements: Type.Array(Type.Object({ sensor: Type.String(), ...period })),
  duties: Type.Array(Type.Object({ duty: Type.String(), ...period }), {
    description: 'As entered; in between the place does what its kind does by default.',
  }),
  expectedIntervals: Type.Array(Type.Object({ seconds: Type.Number(), ...period })),
  inForce: Type.Array(
    Type.Object({
      packVersion: Type.Integer(),
      operator: rule.properties.operator,
      limit: rule.properties.limit,
      labelOf: Type.Union([Type.String(), Type.Null()], {
        description: 'The product whose label the limit is from; null: the rule names it.',
      }),
      ...period,
    }),
    { description: 'Versions and limits of the rule that were in force.' },
  ),
  rule: Type.Union([rule, Type.Null()], {
    description:
      'In the version, and with the limit, it began under; null when that is no longer among the packs.',
  }),
  begunBy: Type.Enum(['reading', 'fact'], {
    description: '`fact`: a rule, duty or placement began to hold while a value was out already.',
  }),
  before: readingOrNull('The last reading before it.'),
  readings: Type.Array(reading, { description: 'While it lasted, earliest first.' }),
  endedBy: readingOrNull('The reading in range that ended it.'),
  unknown: Type.Array(
    Type.Object({ from: time, to: time, cause: Type.Enum(['silence', 'probe-fault', 'hand-over']) }),
    { description: 'What was not observed, and why: together the worst case without the observed time.' },
  ),
  complete: Type.Boolean({
    description:
      'False when it has more readings than are told; then the later ones, and their gaps, are missing.',
  }),
  mkt: Type.Union([mkt, Type.Null()], {
    description: 'Null for other findings, and where there are too many readings around it.',
  }),
})

const ofPlace: ThingScope = { kind: 'organisation', in: 'path', field: 'id', of: 'place' }

/** `GET places/:id/findings/:finding/explain`: why a finding is what it is. */
export function explainRoutes(app: TypedApp, { queries }: ApiParts): void {
  app.get(
    '/api/v1/places/:id/findings/:finding/explain',
    {
      schema: {
        operationId: 'explainFinding',
        summary: 'Why a finding is what it is: rule and clause, facts in force, readings, what was unknown',
        tags: ['findings'],
        params: exactly({
          id: name('Id of the place.'),
          finding: Type.String({ pattern: '^[0-9a-f]{16}$', description: 'Id of a finding at it.' }),
        }),
        response: { 200: explanation },
      },
      config: { access: { right: 'findings:read', scope: ofPlace } },
    },
    async ({ params: { id: place, finding: id } }, reply) =>
      readyBytes(reply, await queries.query('finding.explain', { place, id })),
  )
}

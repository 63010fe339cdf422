import { type Static, Type } from 'typebox'
import {
  confidences,
  duties,
  gapPolicies,
  NAME_PATTERN,
  operators,
  organisationKinds,
  placeKinds,
  pointRoles,
  ruleLevels,
  ruleQuantities,
  severities,
  sumWindows,
} from '../../domain/index.ts'

/** Below absolute zero and above any store, a limit is a slip of the pen. Degrees Celsius. */
const LIMIT_MIN_C = -273
const LIMIT_MAX_C = 200
/** A year: a longer run than this is no rule for a store. */
const MINUTES_MAX = 366 * 24 * 60
const HOURS_MAX = 366 * 24
/** Everything out within it is kept in memory. */
const WINDOW_HOURS_MAX = 31 * 24
/** More rules than any regulation has; keeps what a point is judged by small. */
const RULES_MAX = 50

const ruleSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
      maxLength: 40,
      description: 'Lower-case words joined by "-", unique in the file.',
    }),
    quantity: Type.Enum([...ruleQuantities], {
      description:
        'temperature; door = open; power = no mains power; battery = low; contact = no temperature comes; recording = too seldom.',
    }),
    operator: Type.Optional(
      Type.Enum([...operators], {
        description:
          'A value is out when "value operator limit" holds. For temperature, < or <= for battery; for recording if need be.',
      }),
    ),
    limitC: Type.Optional(
      Type.Number({
        minimum: LIMIT_MIN_C,
        maximum: LIMIT_MAX_C,
        description: `Degrees Celsius from ${LIMIT_MIN_C} to ${LIMIT_MAX_C}, at most three decimals, for temperature; for recording if need be.`,
      }),
    ),
    limitPct: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'For battery: percent from 0 to 100, at most three decimals.',
      }),
    ),
    mkt: Type.Optional(
      Type.Object(
        {
          limitC: celsius('The highest mean kinetic temperature'),
          hours: hours('Length of the window that has the excursion in it'),
          appliesFromC: celsius('Nothing in the window is colder'),
          appliesToC: celsius('Nothing in the window is warmer'),
          excursionHours: hours('The excursion lasts no longer'),
        },
        {
          additionalProperties: false,
          description:
            'For temperature with > or >=: limitC, hours, appliesFromC, appliesToC, excursionHours.',
        },
      ),
    ),
    ownLimit: Type.Optional(
      Type.Boolean({
        description:
          'For temperature at level range: true where limitC is not the required range, so that no label tightens it.',
      }),
    ),
    level: Type.Enum([...ruleLevels], {
      description: 'critical = pre-warning value, range = required range.',
    }),
    mode: Type.Enum(['instant', 'continuous', 'cumulative', 'silence', 'cadence'], {
      description:
        'All but instant need minutes, cumulative a window; silence is for contact alone, cadence for recording alone.',
    }),
    window: Type.Optional(
      Type.Enum([...sumWindows], {
        description:
          'For cumulative: day = a calendar day of the site, trip = as long as the place is on a trip, rolling = any windowHours.',
      }),
    ),
    windowHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: WINDOW_HOURS_MAX,
        description: `For window rolling: whole hours from 1 to ${WINDOW_HOURS_MAX}, longer than minutes.`,
      }),
    ),
    minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MINUTES_MAX,
        description: `Whole minutes from 1 to ${MINUTES_MAX}, for all modes but instant; silence has 5 at least.`,
      }),
    ),
    gapPolicy: Type.Optional(
      Type.Enum([...gapPolicies], {
        description:
          'What unknown time does to a run, for all modes but silence and cadence: pause, reset (not with cumulative) or count.',
      }),
    ),
    roles: namesOf(pointRoles, 'Roles of the points that are judged.'),
    duties: namesOf(duties, 'Duties of the place during which the rule applies.'),
    severity: Type.Enum([...severities], { description: 'How loud a finding is.' }),
    clause: Type.String({ minLength: 1, maxLength: 500, description: 'Which sentence of which regulation.' }),
    source: Type.String({ minLength: 1, maxLength: 500, description: 'Where clause and number were found.' }),
    confidence: Type.Enum([...confidences], {
      description: 'seen = read in the text, seen-2 = second-hand, mem = from memory.',
    }),
  },
  { additionalProperties: false, description: 'Leave out what is not listed in alerts/README.md.' },
)

/** A rule-pack file, as written by people: degrees and minutes. `loadRulePack` turns it into a `RulePack`. */
export const rulePackSchema = Type.Object(
  {
    id: Type.String({ pattern: NAME_PATTERN, description: '1 to 64 characters of A-Z a-z 0-9 . _ -.' }),
    version: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'A whole number, one higher with every change.',
    }),
    title: Type.Object(
      {
        zh: Type.String({ minLength: 1, maxLength: 200, description: 'The title in Chinese.' }),
        en: Type.String({ minLength: 1, maxLength: 200, description: 'The title in English.' }),
      },
      { additionalProperties: false, description: 'Titles zh and en.' },
    ),
    for: Type.Object(
      {
        organisations: namesOf(organisationKinds, 'Kinds of organisation the pack is for.'),
        places: namesOf(placeKinds, 'Kinds of place the pack is for.'),
      },
      { additionalProperties: false, description: 'Kinds of organisations and of places.' },
    ),
    onlyWhenActivated: Type.Optional(
      Type.Boolean({
        description: 'true: it holds nowhere before somebody activates it, whatever its confidence.',
      }),
    ),
    rules: Type.Array(ruleSchema, {
      minItems: 1,
      maxItems: RULES_MAX,
      description: `1 to ${RULES_MAX} rules.`,
    }),
  },
  { $id: 'rule-pack.yaml', title: 'Rule pack', additionalProperties: false },
)

/** A rule-pack file after validation. */
export type RulePackFile = Static<typeof rulePackSchema>
/** One rule of a rule-pack file. */
export type RuleEntry = RulePackFile['rules'][number]

function celsius(what: string) {
  return Type.Number({
    minimum: LIMIT_MIN_C,
    maximum: LIMIT_MAX_C,
    description: `${what}, degrees Celsius from ${LIMIT_MIN_C} to ${LIMIT_MAX_C}.`,
  })
}

function hours(what: string) {
  return Type.Integer({
    minimum: 1,
    maximum: HOURS_MAX,
    description: `${what}, whole hours from 1 to ${HOURS_MAX}.`,
  })
}

function namesOf<const Name extends string>(names: readonly Name[], description: string) {
  return Type.Array(
    Type.Enum([...names], { description: `${description} Known are: ${names.join(', ')}.` }),
    {
      minItems: 1,
      uniqueItems: true,
      description: `${description} At least one, none twice, of: ${names.join(', ')}.`,
    },
  )
}

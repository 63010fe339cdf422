import { Type } from 'typebox'
import {
  type Cause,
  causes,
  channelNames,
  incidentStates,
  languages,
  messageStates,
  messageTemplates,
  resolutions,
  severities,
  weekdays,
} from '../domain/index.ts'
import { claimedAt, recorded, textOrNull, time } from './schemas.ts'

const timeOrNull = Type.Union([time, Type.Null()])
/** One of the states of an incident. */
export const incidentState = Type.Enum([...incidentStates])
const grade = Type.Enum([...severities], {
  description: '`alarm`: the required range was left. `warning`: a pre-warning value, or only suspected.',
})

const incidentFields = {
  id: Type.String(),
  place: Type.String(),
  cause: Type.Enum([...causes] as Cause[], {
    description: '`warm`, `cold`: the temperature is out. Else what it says.',
  }),
  direction: Type.Union([Type.Enum(['warm', 'cold']), Type.Null()], {
    description: 'Null for other causes.',
  }),
  state: incidentState,
  grade,
  open: Type.Boolean({ description: 'Whether any of its findings is open.' }),
  seenLate: Type.Boolean({ description: 'It was over before anybody could be called.' }),
  raisedAt: time,
  calledAt: Type.Union([time, Type.Null()], { description: 'When people were called last.' }),
  callDueAt: Type.Union([time, Type.Null()], { description: 'They are called then if it is still open.' }),
  acknowledgedBy: textOrNull,
  acknowledgedAt: timeOrNull,
  resolvedBy: textOrNull,
  resolvedAt: timeOrNull,
  resolution: Type.Union([Type.Enum([...resolutions]), Type.Null()]),
  mutedBy: textOrNull,
  mutedUntil: timeOrNull,
}
const extremes = {
  since: Type.Union([time, Type.Null()], {
    description: 'First value out of range, or last one heard; null when none stands.',
  }),
  peak: Type.Union([Type.Number(), Type.Null()], { description: 'degC; null for other causes.' }),
  suspected: Type.Boolean({ description: 'None of its findings is confirmed.' }),
}

/** An incident after somebody acted on it. */
export const incidentItem = Type.Object(incidentFields)
/** An incident of a list. */
export const incidentListItem = Type.Object({
  ...incidentFields,
  site: Type.String(),
  ...extremes,
  findings: Type.Integer({ description: 'How many of its newest 500 findings stand.' }),
})

const message = Type.Object({
  id: Type.String(),
  recipient: Type.String(),
  recipientName: Type.String(),
  channel: Type.Enum([...channelNames]),
  template: Type.Enum([...messageTemplates]),
  grade: Type.Union([grade, Type.Null()]),
  language: Type.Enum([...languages]),
  text: Type.String(),
  outsideHours: Type.Boolean({ description: 'Called outside their hours, because nobody was on duty.' }),
  state: Type.Enum([...messageStates]),
  createdAt: time,
  sentAt: timeOrNull,
  receiptAt: timeOrNull,
  reference: textOrNull,
  detail: Type.Union([Type.String(), Type.Null()], {
    description: 'Why it failed, or what its receipt said.',
  }),
})

/** Everything about one incident; `finding` as `GET findings` shows it. */
export function incidentStoryOf<Finding extends ReturnType<typeof Type.Object>>(finding: Finding) {
  return Type.Object({
    ...incidentFields,
    ...extremes,
    findings: Type.Array(finding),
    formerFindings: Type.Array(Type.String(), { description: 'Ids that were moved or withdrawn since.' }),
    messages: Type.Array(message),
    acts: Type.Array(
      Type.Object({ at: time, claimedAt, actor: Type.String(), kind: Type.String(), reason: Type.String() }),
    ),
  })
}

/** Some hours of some days. */
export const hours = Type.Object(
  {
    days: Type.Array(Type.Enum([...weekdays]), { minItems: 1, maxItems: 7 }),
    from: Type.String({
      pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
      description: 'HH:MM in the zone of the site.',
    }),
    to: Type.String({
      pattern: '^([01]\\d|2[0-3]):[0-5]\\d$',
      description: 'Beyond midnight when not later.',
    }),
  },
  { additionalProperties: false },
)

/** Somebody who is called. */
export const recipientItem = Type.Object({
  id: Type.String(),
  place: Type.String(),
  site: Type.String(),
  name: Type.String(),
  channel: Type.Enum([...channelNames]),
  address: Type.String(),
  language: Type.Enum([...languages]),
  hours: Type.Array(hours),
  state: Type.Enum(['active', 'ended']),
  ...recorded,
})

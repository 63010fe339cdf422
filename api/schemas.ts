import { type Static, type TSchema, Type } from 'typebox'
import type { OrganisationKind, Role } from '../domain/index.ts'
import { NAME_PATTERN, organisationKinds, roles } from '../domain/index.ts'

/** Items of a page when the caller does not say, and at most. */
export const PAGE_ITEMS = 100
const PAGE_ITEMS_MAX = 1_000
/** Our cursors are far shorter; anything longer is not one. */
const CURSOR_CHARACTERS_MAX = 512
/** Longer than any RFC 3339 time with nine digits of fraction. */
const TIME_CHARACTERS_MAX = 40

/** An id or name in the safe alphabet. */
export function name(description: string) {
  return Type.String({ pattern: NAME_PATTERN, description })
}

/** Text people read. */
export function text(description: string) {
  return Type.String({ minLength: 1, maxLength: 200, description })
}

/** Why somebody does something, for those who read the audit trail. */
export const reason = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'Why, for those who read the audit trail.',
})

/** A person's password. */
export const password = Type.String({ minLength: 8, maxLength: 200, description: '8 to 200 characters.' })

/** An instant in a body. */
export const timeInput = Type.Union([Type.String({ maxLength: TIME_CHARACTERS_MAX }), Type.Integer()], {
  description: 'RFC 3339 with its zone, or epoch milliseconds.',
})

/** An instant in a query. */
export const timeQuery = Type.String({
  maxLength: TIME_CHARACTERS_MAX,
  description: 'RFC 3339 with its zone (write + as %2B), or epoch milliseconds.',
})

/** An instant in an answer. */
export const time = Type.String({ description: 'RFC 3339, UTC, with milliseconds.' })

/** When an act is claimed to have been done, where that is another time than it was recorded at. */
export const claimedAt = Type.Union([time, Type.Null()], {
  description: "When it is claimed to have been done: only acts of a demonstration's past have it.",
})

/** One of the roles. */
export const role = Type.Enum([...roles] as Role[])
/** One of the kinds of organisation. */
export const organisationKind = Type.Enum([...organisationKinds] as OrganisationKind[])

/** An organisation or the scope above all of them. */
export const scopeName = name('Organisation, or `root` for everything.')

/** An object that has these members and no others: a misspelt one is refused instead of overlooked. */
export function exactly<P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

/** A text or null. */
export const textOrNull = Type.Union([Type.String(), Type.Null()])

/** What every list takes. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: PAGE_ITEMS_MAX,
      default: PAGE_ITEMS,
      description: 'Items at most.',
    }),
  ),
  after: Type.Optional(
    Type.String({
      maxLength: CURSOR_CHARACTERS_MAX,
      description: '`next` of the page before, unchanged.',
    }),
  ),
}

/** A page of a list. */
export function page<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), next: textOrNull })
}

/** The part of a query that pages, as the queries take it. */
export function pageOf(query: { readonly limit?: number; readonly after?: string }) {
  return {
    limit: query.limit ?? PAGE_ITEMS,
    ...(query.after === undefined ? {} : { after: query.after }),
  }
}

/** What every fact tells about itself. */
export const recorded = {
  validFrom: time,
  recordedAt: time,
  recordedBy: Type.String({
    description: 'Who entered it: `user:<id>`, `key:<id>`, `local:<account>`, `system:<part>`.',
  }),
}
const id = Type.String()
/** Whether it is of a demonstration. */
export const demo = Type.Boolean({ description: 'A demonstration; never becomes real.' })

/** An organisation. */
export const organisationItem = Type.Object({
  id,
  parent: textOrNull,
  kind: organisationKind,
  demo,
  name: Type.String(),
  nameEn: textOrNull,
  ...recorded,
})

/** A site. */
export const siteItem = Type.Object({
  id,
  organisation: Type.String(),
  name: Type.String(),
  nameEn: textOrNull,
  zone: Type.String({ description: 'IANA time zone.' }),
  demo,
  ...recorded,
})

const lastStatus = Type.Object(
  {
    receivedAt: Type.String(),
    state: Type.Union([Type.Literal('online'), Type.Literal('offline'), Type.Null()]),
    firmware: textOrNull,
    signal: Type.Union([Type.Number(), Type.Null()], { description: 'Of its radio, dBm.' }),
    clock: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'Whether it says that its clock is set.',
    }),
  },
  {
    description:
      'What it last said of itself, or its last will for it: offline means that the connection was lost. Null members: it did not say.',
  },
)

/** A device; its secret is never part of it. */
export const deviceItem = Type.Object({
  id,
  site: Type.String(),
  organisation: Type.String(),
  kind: Type.Enum(['real', 'simulated']),
  state: Type.Enum(['active', 'revoked']),
  acceptFrom: Type.String({ description: 'Readings before this instant are distrusted.' }),
  expectedIntervalSeconds: Type.Number({ description: 'How often it is expected to report.' }),
  label: textOrNull,
  demo,
  lastStatus: Type.Union([lastStatus, Type.Null()]),
  ...recorded,
})

const grants = Type.Array(Type.Object({ organisation: Type.String(), role }), {
  description: 'Roles held, each on an organisation and everything below it.',
})

/** A user, with the grants that lie within the reach of who asks. */
export const userItem = Type.Object({
  id,
  name: Type.String(),
  state: Type.Enum(['active', 'deactivated']),
  grants,
  ...recorded,
})

/** An API key; its secret is never part of it. */
export const keyItem = Type.Object({
  id,
  name: Type.String(),
  organisation: Type.String(),
  role,
  state: Type.Enum(['active', 'revoked']),
  ...recorded,
})

/** Who asks, and what they may do where. */
export const meItem = Type.Object({
  kind: Type.Enum(['user', 'key']),
  id,
  name: Type.String(),
  grants,
  scopes: Type.Record(Type.String(), Type.Array(Type.String()), {
    description:
      'Per right the organisations on whose subtrees it is held, or `root`; rights held nowhere are left out.',
  }),
  sessionEndsAt: Type.Union([time, Type.Null()], {
    description: 'When one has to sign in again; null for API keys.',
  }),
})

/** An organisation as answered. */
export type OrganisationItem = Static<typeof organisationItem>
/** A site as answered. */
export type SiteItem = Static<typeof siteItem>
/** A device as answered. */
export type DeviceItem = Static<typeof deviceItem>
/** A user as answered. */
export type UserItem = Static<typeof userItem>
/** An API key as answered. */
export type KeyItem = Static<typeof keyItem>
/** Who asks, as answered to themselves. */
export type MeItem = Static<typeof meItem>

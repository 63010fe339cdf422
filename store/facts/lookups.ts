import type {
  DeviceFact,
  LotFact,
  OrganisationFact,
  PlaceFact,
  PointFact,
  SiteFact,
  UserFact,
} from '../../domain/index.ts'
import { refusal } from './checks.ts'
import type { FactsReader } from './port.ts'
import { present } from './rows.ts'

/** The organisation as it is now. Throws `not-found`. */
export async function organisationOf(reader: FactsReader, id: string): Promise<OrganisationFact> {
  const organisation = await present(reader, 'organisation', { id })
  if (organisation !== undefined) return organisation
  throw refusal('not-found', `There is no organisation ${id}.`, 'Create it first, or correct the id.')
}

/** The site as it is now. Throws `not-found`. */
export async function siteOf(reader: FactsReader, id: string): Promise<SiteFact> {
  const site = await present(reader, 'site', { id })
  if (site !== undefined) return site
  throw refusal('not-found', `There is no site ${id}.`, 'Create it first, or correct the id.')
}

/** The device as it is now. Throws `not-found`. */
export async function deviceOf(reader: FactsReader, id: string): Promise<DeviceFact> {
  const device = await present(reader, 'device', { id })
  if (device !== undefined) return device
  throw refusal('not-found', `There is no device ${id}.`, 'Register it first, or correct the id.')
}

/** The device as it is now. Throws `not-found`, and `already-revoked` when it is revoked. */
export async function activeDevice(reader: FactsReader, id: string): Promise<DeviceFact> {
  const device = await deviceOf(reader, id)
  if (device.state === 'active') return device
  throw refusal(
    'already-revoked',
    `Device ${id} is revoked.`,
    'Register a new device under another id if this was a mistake.',
  )
}

/** The place as it is now, active or retired. Throws `not-found`. */
export async function placeOf(reader: FactsReader, id: string): Promise<PlaceFact> {
  const place = await present(reader, 'place', { id })
  if (place !== undefined) return place
  throw refusal('not-found', `There is no place ${id}.`, 'Create it first, or correct the id.')
}

/** The point. Throws `not-found`. */
export async function pointOf(reader: FactsReader, id: string): Promise<PointFact> {
  const point = await present(reader, 'point', { id })
  if (point !== undefined) return point
  throw refusal('not-found', `There is no point ${id}.`, 'Create it first, or correct the id.')
}

/** The lot. Throws `not-found`. */
export async function lotOf(reader: FactsReader, id: string): Promise<LotFact> {
  const lot = await present(reader, 'lot', { id })
  if (lot !== undefined) return lot
  throw refusal('not-found', `There is no lot ${id}.`, 'Create it first, or correct the id.')
}

/** The organisation a site belongs to, as it is now. Throws `not-found`. */
export async function organisationOfSite(reader: FactsReader, site: string): Promise<OrganisationFact> {
  return organisationOf(reader, (await siteOf(reader, site)).organisation)
}

/** The user as they are now. Throws `not-found`, and `already-revoked` when deactivated. */
export async function activeUser(reader: FactsReader, id: string): Promise<UserFact> {
  const user = await present(reader, 'user', { id })
  if (user === undefined) throw refusal('not-found', `There is no user ${id}.`, 'Correct the id.')
  if (user.state === 'active') return user
  throw refusal('already-revoked', `User ${id} is deactivated.`, 'Create a new user.')
}

/**
 * Throws `conflict` when the user has another password by now than the one checked outside the core, if any was:
 * whoever knew the old one must not get in past the new one.
 */
export async function checkHashStands(
  reader: FactsReader,
  user: string,
  checkedHash: string | undefined,
): Promise<void> {
  if (checkedHash === undefined) return
  const password = await present(reader, 'password', { user })
  if (password?.hash === checkedHash) return
  throw refusal(
    'conflict',
    `The password of user ${user} was changed meanwhile.`,
    'Sign in with the password that holds now, and try again.',
  )
}

/** Ids one statement may bind on both databases, with room to spare. */
const IDS_PER_STATEMENT = 1_000

/** Those of the device ids that are or were registered. */
export async function registeredDevices(
  reader: FactsReader,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  for (let from = 0; from < ids.length; from += IDS_PER_STATEMENT) {
    const slice = ids.slice(from, from + IDS_PER_STATEMENT)
    const found = await reader.all(
      reader.db.selectFrom('device').select('id').distinct().where('id', 'in', slice),
    )
    for (const { id } of found) known.add(id)
  }
  return known
}

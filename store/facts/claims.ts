import type { Actor } from '../../domain/index.ts'
import { actorName, DEMO_SCRIPT } from '../../domain/index.ts'
import { checkInstant, refusal } from './checks.ts'
import { deviceOf, organisationOf, organisationOfSite, placeOf, pointOf } from './lookups.ts'
import type { FactsTransaction } from './port.ts'
import { present } from './rows.ts'

/** An act that is claimed to have been done at another time than it is recorded at. */
export interface Claim {
  readonly kind: string
  readonly actor: Actor
  readonly subject: string
  readonly new: Readonly<Record<string, unknown>> | null
  /** Epoch ms. */
  readonly claimedAtMs: number
}

/**
 * A demonstration has a past that nobody lived through: its script may claim acts of it, and nobody else, and of
 * nothing that is real. Throws `demo-only`, and `bad-request` for an instant that is none or still to come.
 */
export async function checkClaim(tx: FactsTransaction, claim: Claim): Promise<void> {
  const { actor, subject, claimedAtMs } = claim
  if (actorName(actor) !== actorName(DEMO_SCRIPT)) {
    throw refusal(
      'demo-only',
      `${actorName(actor)} claims that ${claim.kind} was done at another time.`,
      'Only the script of a demonstration may; leave the claimed time out, and say in the reason when it was done.',
    )
  }
  checkInstant(claimedAtMs, tx.atMs)
  if (claimedAtMs > tx.atMs) {
    throw refusal('bad-request', 'The claimed time lies in the future.', 'Claim what has been done already.')
  }
  const owners = await ownersOf(tx, claim)
  if (owners.length > 0 && owners.every(({ demo }) => demo === 1)) return
  throw refusal(
    'demo-only',
    `${subject} does not belong to a demonstration alone.`,
    'Claim acts of things of demonstration organisations only.',
  )
}

/** The organisations the subject of an act belongs to; none for what is everybody's. */
async function ownersOf(tx: FactsTransaction, { subject, new: told }: Claim) {
  const colon = subject.indexOf(':')
  const [thing, id] = [subject.slice(0, colon), subject.slice(colon + 1)]
  const ofPlace = async (place: string) => organisationOfSite(tx, (await placeOf(tx, place)).site)
  if (thing === 'organisation') return [await organisationOf(tx, id)]
  if (thing === 'site') return [await organisationOfSite(tx, id)]
  if (thing === 'place') return [await ofPlace(id)]
  if (thing === 'point') return [await ofPlace((await pointOf(tx, id)).place)]
  if (thing === 'device') return [await organisationOfSite(tx, (await deviceOf(tx, id)).site)]
  if (thing === 'incident') {
    const incident = await present(tx, 'incident', { id })
    return incident === undefined ? [] : [await ofPlace(incident.place)]
  }
  // a lot is everybody's; what was done with its stock is of the places it was done in
  if (thing !== 'lot') return []
  const places = ['place', 'from', 'to']
    .map((field) => told?.[field])
    .filter((each) => typeof each === 'string')
  return Promise.all(places.map(ofPlace))
}

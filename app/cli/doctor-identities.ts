import { ROOT_SCOPE } from '../../domain/index.ts'
import { systemClock } from '../doors/clock.ts'
import type { Finding } from './doctor-finding.ts'
import type { LocalCore } from './local-core.ts'

/** Refusals of one device for one reason in an hour, as the list has them: the newest hours first. */
interface RefusalItem {
  readonly device: string
  readonly reason: string
  readonly hour: string
}

const DAY_MS = 86_400_000
const PAGE_ITEMS = 1_000
/** A flood of refusals must not keep the doctor: of so many of the newest it knows what they were. */
const PAGES_MAX = 20
/** More names than this are no list for a line. */
const NAMES_MAX = 10

/** Devices whose identity was contested within a day. */
export async function identityFinding(core: Pick<LocalCore, 'query'>): Promise<Finding> {
  const check = 'identities'
  const devices = await contestedDevices(core)
  if (devices.length === 0) return { check, state: 'ok', found: 'none contested within a day' }
  const more = devices.length > NAMES_MAX ? ` and ${devices.length - NAMES_MAX} more` : ''
  return {
    check,
    state: 'bad',
    found: `contested within a day: ${devices.slice(0, NAMES_MAX).join(', ')}${more}`,
    remedy:
      'Two devices use one identity, or one reconnects in a loop. Find them, and give each an id and a secret of its own.',
  }
}

async function contestedDevices(core: Pick<LocalCore, 'query'>): Promise<readonly string[]> {
  const sinceMs = systemClock.nowMs() - DAY_MS
  const devices = new Set<string>()
  let after: string | undefined
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const asked = { scopes: [ROOT_SCOPE], limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) }
    const { items, next } = (await core.query('refusals', asked)) as {
      readonly items: readonly RefusalItem[]
      readonly next: string | null
    }
    const lately = items.filter(({ hour }) => Date.parse(hour) >= sinceMs)
    for (const { device, reason } of lately) if (reason === 'contested-identity') devices.add(device)
    if (next === null || lately.length < items.length) break
    after = next
  }
  return [...devices].toSorted()
}

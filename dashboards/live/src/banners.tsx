import { isUnread } from './catalogue.ts'
import { words } from './language.ts'
import { isFollowing, lostSinceMs, serverNowMs } from './live.ts'
import { printedClock } from './print.ts'
import { isStillSignedIn, me } from './session.ts'

/** Time enough for whoever passes by a wall screen to sign in again. */
const ENDS_SOON_MS = 3_600_000

/** What everybody has to know about what is shown: that it is no longer what is. */
export function Banners() {
  const lost = lostSinceMs.value
  const told =
    lost !== undefined
      ? words.value.lostSince(printedClock(lost))
      : isStillSignedIn.value
        ? words.value.stillSignedIn
        : !isFollowing.value
          ? words.value.notFollowing
          : isUnread.value
            ? words.value.partlyUnread
            : endsSoon()
  return (
    <div role="status" aria-live="assertive">
      {told === undefined ? null : <p class="banner">{told}</p>}
    </div>
  )
}

/** A screen whose session has ended is silent: whoever sees it is told in time. */
function endsSoon(): string | undefined {
  const endsAt = me.value?.sessionEndsAt ?? null
  if (endsAt === null || Date.parse(endsAt) - serverNowMs.value > ENDS_SOON_MS) return undefined
  return words.value.sessionEndsSoon(printedClock(endsAt))
}

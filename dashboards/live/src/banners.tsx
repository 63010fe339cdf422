import { isUnread } from './catalogue.ts'
import { words } from './language.ts'
import { isFollowing, lostSinceMs } from './live.ts'
import { printedClock } from './print.ts'
import { isStillSignedIn } from './session.ts'

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
            : undefined
  return (
    <div role="status" aria-live="assertive">
      {told === undefined ? null : <p class="banner">{told}</p>}
    </div>
  )
}

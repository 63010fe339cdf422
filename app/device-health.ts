import { instantText } from '../domain/index.ts'
import type { CanonicalReads, Queries } from '../store/index.ts'

/** Answers about clocks and gaps of devices. */
export function deviceHealthAnswers(reads: CanonicalReads) {
  return {
    'device.clock': ({ device }: Queries['device.clock']) => {
      const { offsetMs, readings, lagMs, lastReceivedAtMs } = reads.deviceClock(device)
      return {
        device,
        offsetSeconds: seconds(offsetMs),
        readings,
        lagSeconds: seconds(lagMs),
        lastReceivedAt: lastReceivedAtMs === null ? null : instantText(lastReceivedAtMs),
      }
    },
    'device.gaps': ({ device, by, limit, after }: Queries['device.gaps']) => {
      const { items, next } =
        by.kind === 'seq'
          ? reads.seqGaps(device, limit, after)
          : reads.timeGaps(device, by.period, by.longerThanMs, limit, after)
      const told = items.map(({ fromMs, toMs, ...rest }) => ({
        ...rest,
        from: instantText(fromMs),
        to: instantText(toMs),
      }))
      return { items: told, next }
    },
  }
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000
}

import { instantText } from '../../domain/index.ts'
import type { ClockStatus } from '../link/protocol.ts'
import type { Finding } from './doctor-finding.ts'

/** Whether something keeps the clock right, and whether it was set while the core ran. */
export function clockFinding({ synchronised, toldBy, steps, lastStep }: ClockStatus): Finding {
  const check = 'server clock'
  const kept = {
    yes: `kept right, says ${toldBy}`,
    no: `not kept right, says ${toldBy}`,
    unknown: 'nobody here can say whether it is kept right',
  }[synchronised]
  if (lastStep !== null) {
    const found = `${kept}; set ${steps} times since the start, last by ${lastStep.stepMs / 1_000} s at ${instantText(lastStep.atMs)}`
    const remedy =
      'Find out who sets it, and let NTP keep it. What was received around that time carries the time of the clock.'
    return { check, state: 'note', found, remedy }
  }
  if (synchronised === 'yes') return { check, state: 'ok', found: kept }
  return { check, state: 'note', found: kept, remedy: 'Turn on NTP (systemd-timesyncd or chrony).' }
}

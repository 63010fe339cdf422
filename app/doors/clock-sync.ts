import { execFile } from 'node:child_process'

/** Whether something keeps the clock of this machine right, and who says so. */
export interface ClockSync {
  readonly synchronised: 'yes' | 'no' | 'unknown'
  readonly toldBy: string
}

/** These answer at once, or the machine has other troubles. */
const ANSWER_MS_MAX = 5_000

/** Asks the tools that know, the first that answers: neither needs a right that Isotherm does not have. */
export async function clockSync(): Promise<ClockSync> {
  const chrony = await said('chronyc', ['-n', 'tracking'])
  const leap = chrony === undefined ? undefined : /^Leap status\s*:\s*(.+)$/m.exec(chrony)?.[1]
  if (leap !== undefined) {
    return { synchronised: leap.trim() === 'Not synchronised' ? 'no' : 'yes', toldBy: 'chronyc' }
  }
  const systemd = await said('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
  const word = systemd?.trim()
  if (word === 'yes' || word === 'no') return { synchronised: word, toldBy: 'timedatectl' }
  return { synchronised: 'unknown', toldBy: 'nobody' }
}

/** What a program prints; undefined when it is not there, fails or does not end. */
function said(program: string, words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { timeout: ANSWER_MS_MAX, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } }
    // Nothing is lost: a machine without that program is what the caller is told.
    execFile(program, words, options, (failed, text) => resolve(failed === null ? text : undefined))
  })
}

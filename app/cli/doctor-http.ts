import type { Configuration } from '../config/index.ts'
import { askOwnServer, authorityOf } from '../doors/network.ts'
import { type Finding, HOW_TO_START, sameSettings } from './doctor-finding.ts'
import { holdersOf } from './doctor-holders.ts'

/** How long our own server may take to answer. */
const ANSWER_MS_MAX = 3_000

/** What `/readyz` says. */
export async function httpFindings(configuration: Configuration): Promise<readonly Finding[]> {
  const scheme = configuration.http_tls ? 'https' : 'http'
  const url = `${scheme}://${authorityOf(configuration.http_host, configuration.http_port)}/readyz`
  try {
    const answer = await askOwnServer(url, ANSWER_MS_MAX)
    const clock = clockOf(answer.text)
    return answer.status === 200
      ? [{ check: 'HTTP', state: 'ok', found: `${url} is ready` }, ...clock]
      : [
          { check: 'HTTP', state: 'bad', found: `${url} answers ${answer.status}`, remedy: `Read ${url}.` },
          ...clock,
        ]
  } catch {
    // Nothing is lost: an address nobody listens on is a finding like any other.
    const remedy = holdersOf(configuration) === undefined ? HOW_TO_START : sameSettings('http_port')
    return [{ check: 'HTTP', state: 'note', found: `nobody answers ${url}`, remedy }]
  }
}

/** What `/readyz` says of the clock when the last record lies ahead of it, whether it is ready or not. */
function clockOf(readiness: string): readonly Finding[] {
  const aheadS = /\bahead by (\d+) s\b/.exec(readiness)?.[1]
  if (aheadS === undefined) return []
  const found = `the last record was received ${aheadS} s ahead of the clock`
  const remedy =
    'Set the clock of this machine right (NTP). Until it has caught up, records carry the time of the last one; ARCHITECTURE.md says what to do when that takes too long.'
  return [{ check: 'clock', state: 'bad', found, remedy }]
}

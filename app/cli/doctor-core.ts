import { reasonOf } from '../../domain/index.ts'
import { isDataDirectoryLocked } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { clockSync } from '../doors/clock-sync.ts'
import type { AuditStatus } from '../link/protocol.ts'
import { type Finding, HOW_TO_START } from './doctor-finding.ts'
import { balanceFinding } from './doctor-balance.ts'
import { clockFinding } from './doctor-clock.ts'
import { identityFinding } from './doctor-identities.ts'
import { projectionFinding } from './doctor-projection.ts'
import { withRunningCore } from './local-core.ts'

/** What the running core says of itself; where none runs, nothing is opened, so nothing is changed. */
export async function coreFindings(configuration: Configuration): Promise<readonly Finding[]> {
  const { data_dir: path } = configuration
  try {
    const told = await withRunningCore(configuration, async (open) => ({
      status: await open.status(),
      identities: await identityFinding(open),
    }))
    if (told === undefined) return [notRunning(path), await clockHere()]
    const { status, identities } = told
    const behind = status.durableEnd === null ? 'unknown' : String(status.durableEnd - status.ingest)
    const found = `ingest at record ${status.ingest}, ${behind} behind the journal, census at ${status.census}`
    return [
      { check: 'core', state: 'ok', found },
      projectionFinding(status.influx),
      auditLog(status.audit),
      balanceFinding(status.balance),
      clockFinding(status.clock),
      identities,
    ]
  } catch (thrown) {
    const remedy = `Look at the log of the process that holds ${path}.`
    return [{ check: 'core', state: 'bad', found: reasonOf(thrown), remedy }]
  }
}

function notRunning(path: string): Finding {
  const check = 'core'
  if (!isDataDirectoryLocked({ path, role: 'core' })) {
    return { check, state: 'note', found: 'not running', remedy: HOW_TO_START }
  }
  const found = 'somebody holds it and does not listen: it starts or stops just now, or a command is at work'
  return { check, state: 'note', found, remedy: 'Ask again in a minute.' }
}

/** Of the clock, what can be told without a core: it alone sees steps. */
async function clockHere(): Promise<Finding> {
  return clockFinding({ ...(await clockSync()), steps: 0, lastStep: null })
}

function auditLog({ waiting, trouble }: AuditStatus): Finding {
  const check = 'audit log'
  const behind = `${waiting ?? 'an unknown number of'} acts not yet copied`
  if (trouble !== null) {
    return { check, state: 'bad', found: `${behind}; ${trouble.reason}`, remedy: trouble.remedy }
  }
  return { check, state: 'ok', found: waiting === 0 ? 'holds every act' : behind }
}

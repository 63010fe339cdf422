import type { Log } from '../domain/index.ts'
import type { Admission } from './admit.ts'
import type { Connections } from './connections.ts'
import type { Entrance } from './entrance.ts'
import type { GatewayLimits } from './limits.ts'
import type { DevicePolicies } from './ports.ts'
import type { Refusals } from './refusals.ts'

/** What both roads stand on; made once by `createGateway`. */
export interface GatewayParts {
  readonly policies: DevicePolicies
  readonly admission: Admission
  readonly connections: Connections
  readonly refusals: Refusals
  readonly entrance: Entrance
  readonly limits: GatewayLimits
  readonly log: Log
  /** True once the gateway stops: then nothing more is taken. */
  readonly stopping: () => boolean
  /** Called for each message answered with PUBACK, PUBREC or 202. */
  readonly onAcknowledged: () => void
}

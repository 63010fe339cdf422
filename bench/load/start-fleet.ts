import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { FleetPlan, FleetState } from './fleet.ts'
import type { FleetQuestion } from './fleet-main.ts'

/** A fleet in a process of its own. */
export interface FleetProcess {
  /** Signs everybody in. */
  connect(plan: FleetPlan): Promise<FleetState>
  /** From now on a device that comes in sends this many messages at once. */
  willSend(messages: number): Promise<FleetState>
  state(): Promise<FleetState>
  end(): Promise<void>
}

/** Starts the process; nobody is connected yet. */
export function startFleet(): FleetProcess {
  const child = fork(join(import.meta.dirname, 'fleet-main.ts'), [], { execArgv: [] })
  const ask = async (question: FleetQuestion): Promise<FleetState> => {
    const answered = once(child, 'message')
    child.send(question)
    const [answer] = (await answered) as [{ state?: FleetState; failure?: string }]
    if (answer.state === undefined) throw new Error(`the fleet failed: ${answer.failure}`)
    return answer.state
  }
  return {
    connect: (plan) => ask({ ask: 'connect', plan }),
    willSend: (messages) => ask({ ask: 'send', messages }),
    state: () => ask({ ask: 'state' }),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

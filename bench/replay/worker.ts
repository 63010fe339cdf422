import { parentPort, workerData } from 'node:worker_threads'
import { fleetOf } from '../engine/fleet.ts'
import { replayShare, type ShareOfReplay } from './share.ts'

const share = workerData as ShareOfReplay
const result = await replayShare(share, await fleetOf(share.steps), () => undefined)
parentPort?.postMessage(result)
// the other thread is done with this one: nothing keeps it any longer
share.other.close()

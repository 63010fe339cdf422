import { MINUTE_MS, openJudgeStage, START_MS } from './judge-stage.ts'

/** The judge with the rules about how often temperatures are recorded, six minutes after a start: all is known then. */
export async function openCadenceStage() {
  const stage = await openJudgeStage()
  stage.advanceTo(0)
  stage.pass(0)
  const pack = { pack: 'cn-gsp-cadence', version: 1 }
  await stage.command('rules.activate', { ...pack, organisation: 'o', fromMs: START_MS, reason: 'tested' })
  await stage.settled()
  // after a start nothing counts that was heard before it
  stage.pass(6)
  let seq = 0
  return {
    ...stage,
    /** A message with a temperature of each sensor, as old as it says. */
    send: (minute: number, sensors: readonly string[], ageMinutes = 0, more: object = {}): void => {
      const at = START_MS + (minute - ageMinutes) * MINUTE_MS
      const items = sensors.map((sensor) => ({ at, seq: (seq += 1), sensor, temperature: 5, ...more }))
      stage.receive(minute, items)
    },
    /** Time goes on to a minute; answers the findings of cadence. */
    passTo: async (minute: number): Promise<readonly string[]> => {
      stage.pass(minute - (stage.clock.nowMs() - START_MS) / MINUTE_MS)
      await stage.settled()
      return stage.rows().filter((row) => row.includes('cadence'))
    },
  }
}

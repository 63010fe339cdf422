import { randomBytes } from 'node:crypto'
import { DeskWork } from '../../app/core/incidents/desk.ts'
import { openDeskStore } from '../../store/index.ts'
import type { JudgeStage } from './judge-stage.ts'

/** The desk on a stage: no state of its own, so every step is as after a restart. */
export function deskOn(stage: JudgeStage) {
  const store = openDeskStore(stage.facts, { bytes: (count) => randomBytes(count) })
  return {
    store,
    settle: async () => {
      await stage.settled()
      const { signal } = new AbortController()
      const onMessages = (): void => undefined
      await new DeskWork({ ...stage, store, signal, onMessages }).untilNothingIsDue()
    },
  }
}

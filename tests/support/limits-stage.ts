import { randomBytes } from 'node:crypto'
import { pointFactsOf } from '../../app/core/judge/point-facts.ts'
import { openBeside } from '../../app/core/influx/index.ts'
import { directionOf } from '../../domain/index.ts'
import { createCommands } from '../../store/index.ts'
import { openJudgeStage } from '../alerts/judge-stage.ts'
import { mapInflux } from './map-influx.ts'

export const HOUR_MS = 3_600_000
export const WEEK_MS = 7 * 24 * HOUR_MS

/** Limits of points beside real facts, in an InfluxDB in memory. */
export type LimitsStage = Awaited<ReturnType<typeof openLimitsStage>>

/** Opens one with the room and the points of the judge's stage. */
export async function openLimitsStage() {
  const stage = await openJudgeStage()
  const influx = mapInflux('point_limit')
  const { facts, clock } = stage
  const commands = createCommands({ facts, clock, random: { bytes: (count) => randomBytes(count) } })
  const begin = () =>
    openBeside({ ...stage, facts: { onChange: stage.onFacts }, writer: influx, waiting: () => 0 })
  let beside = begin()
  const told = (point: string, tMs: number) => influx.points.get(point)?.get(tMs)
  return {
    stage,
    influx,
    /** A command of a second person. */
    second: <N extends Parameters<typeof commands.command>[0]>(
      name: N,
      input: Parameters<typeof commands.command<N>>[2],
    ) => commands.command(name, { kind: 'user', id: 'second' }, input),
    nowMs: () => clock.nowMs(),
    /** What is written at an instant; undefined: nothing. */
    told,
    /** What is written at the last instant until then. */
    lastTold: (point: string, tMs: number) => {
      const times = [...(influx.points.get(point)?.keys() ?? [])].filter((each) => each <= tMs)
      return told(point, Math.max(...times))
    },
    /** Goes on until nothing is left to be written. */
    settle: async () => {
      for (let step = 0; step < 200; step += 1) {
        if ((await beside.projections[1]?.step(new AbortController().signal)) === 'done') return
      }
      throw new Error('it never ends')
    },
    /** One step, whatever comes of it. */
    step: async () => void (await beside.projections[1]?.step(new AbortController().signal)),
    /** As after a crash: it goes on at the cursors. */
    restart: () => {
      beside.stop()
      beside = begin()
    },
    close: async () => {
      beside.stop()
      await stage.close()
    },
  }
}

/** Begins and ends of what limits depend on, epoch ms. */
export function edgesOf({ stage: { view } }: LimitsStage): readonly number[] {
  const always = { fromMs: -Infinity, toMs: Infinity }
  const rows = [
    ...view.dutiesOf('room', always),
    ...['o', 'root'].flatMap((id) => view.ruleActivationsOf(id)),
    ...view.pointsOf('room'),
    ...view.rows().flatMap((fed) => (fed.table === 'place' ? [fed.row] : [])),
  ]
  return rows.flatMap(({ validFrom, validTo }) => (validTo === null ? [validFrom] : [validFrom, validTo]))
}

/** The limits of a point at an instant by the facts known now, as they are written; undefined: none holds. */
export function limitsNow({ stage: { view, packs } }: LimitsStage, point: string, tMs: number) {
  const facts = pointFactsOf(view, packs, point)
  const duty = view.dutyOf('room', tMs)
  if (facts === undefined || duty === undefined || tMs < facts.life.fromMs) return undefined
  if (facts.life.toMs !== null && facts.life.toMs <= tMs) return undefined
  const limits = new Map<string, number>()
  for (const { rule, fromMs, toMs } of facts.rules) {
    if (tMs < fromMs || (toMs !== null && toMs <= tMs)) continue
    if (rule.quantity !== 'temperature' || !rule.duties.includes(duty)) continue
    const isWarm = directionOf(rule.operator) === 'warm'
    const name = `${rule.level === 'critical' ? 'critical_' : ''}${isWarm ? 'high' : 'low'}`
    const before = limits.get(name) ?? rule.limitMilliC
    limits.set(name, isWarm ? Math.min(before, rule.limitMilliC) : Math.max(before, rule.limitMilliC))
  }
  if (limits.size === 0) return undefined
  return Object.fromEntries([...limits].map(([name, limit]) => [name, String(limit / 1_000)]))
}

import type { Sample } from '../../metrics/definitions.ts'
import type { JudgeNumbers } from '../judge/index.ts'

/** How much the judge has before it and behind it. */
export function judgeSamples({ waiting, judged, again, turns, busyMs }: JudgeNumbers): readonly Sample[] {
  return [
    { name: 'isotherm_judge_points_waiting', value: waiting },
    { name: 'isotherm_judge_points_total', value: judged },
    { name: 'isotherm_judge_rejudged_points_total', value: again },
    { name: 'isotherm_judge_seconds', part: 'sum', value: busyMs / 1_000 },
    { name: 'isotherm_judge_seconds', part: 'count', value: turns },
  ]
}

import type { PlacementFact, PointFact, Standing } from '../../domain/index.ts'
import { instantText, isName, sensorPath, standings } from '../../domain/index.ts'
import type { PlacementCorrection, SensorName } from '../contract-places.ts'
import type { Period } from './act.ts'
import { type Act, act, appendFact } from './act.ts'
import { checkInstant, checkOneOf, effectiveFrom, optionalReason, refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { deviceOf, organisationOfSite, placeOf, pointOf } from './lookups.ts'
import { checkStands } from './places.ts'
import type { FactsReader } from './port.ts'
import { history, liveBy } from './rows.ts'
import { ownColumns } from './schema.ts'
import { rowAt, rowsDuring } from './timeline.ts'

/** Commands about which sensor is where. Each writes `placement_change` rows for whoever derived from it. */
export const placementCommands: CommandHandlers<'placement.start' | 'placement.end' | 'placement.correct'> = {
  'placement.start': async (context, input) => {
    const { tx, actor, nowMs } = context
    const { device, sensor, toMs = null } = input
    const reason = optionalReason(input.reason)
    const fromMs = effectiveFrom(context, input.fromMs, reason)
    if (toMs !== null) checkInstant(toMs, nowMs)
    checkSensorName(sensor)
    const wanted = { device, sensor, point: input.point, standing: input.standing ?? 'judged', fromMs, toMs }
    const standing = await standingFor(tx, wanted)
    const { point } = input
    const entry = await act(tx, {
      kind: 'placement.start',
      actor,
      subject: `sensor:${sensorPath(device, sensor)}`,
      reason,
      old: null,
      new: { point, standing, fromMs, toMs },
    })
    await recordChange(entry, input, { validFrom: fromMs, validTo: toMs })
    const period = { validFrom: fromMs, validTo: toMs, supersedes: null }
    return appendFact(entry, 'placement', { device, sensor, point, standing }, period)
  },

  'placement.end': async (context, input) => {
    const { tx, actor } = context
    const { device, sensor } = input
    const reason = optionalReason(input.reason)
    const atMs = effectiveFrom(context, input.atMs, reason)
    const open = (await history(tx, 'placement', { device, sensor })).find((row) => row.validTo === null)
    if (open === undefined) throw atNoPoint(input, atMs)
    if (atMs <= open.validFrom) {
      throw refusal(
        'conflict',
        `The placement of sensor ${sensorPath(device, sensor)} begins at ${instantText(open.validFrom)}.`,
        'Give a later end, or correct the placement.',
      )
    }
    const entry = await act(tx, {
      kind: 'placement.end',
      actor,
      subject: `sensor:${sensorPath(device, sensor)}`,
      reason,
      old: { point: open.point, toMs: null },
      new: { point: open.point, toMs: atMs },
    })
    await recordChange(entry, input, { validFrom: atMs, validTo: null })
    const period = { validFrom: open.validFrom, validTo: atMs, supersedes: open.fact }
    return appendFact(entry, 'placement', ownColumns('placement', open), period)
  },

  'placement.correct': async ({ tx, actor, nowMs }, input) => {
    const { device, sensor, atMs } = input
    const reason = requiredReason(input.reason)
    for (const instant of [atMs, input.fromMs ?? atMs, input.toMs ?? atMs]) checkInstant(instant, nowMs)
    const row = rowAt(await history(tx, 'placement', { device, sensor }), atMs)
    if (row === undefined) throw atNoPoint(input, atMs)
    const wanted = corrected(row, input)
    const standing = await standingFor(tx, wanted, row)
    const { point, fromMs, toMs } = wanted
    const period = { validFrom: fromMs, validTo: toMs, supersedes: row.fact }
    checkDiffers(row, { ...period, point, standing })
    const entry = await act(tx, {
      kind: 'placement.correct',
      actor,
      subject: `sensor:${sensorPath(device, sensor)}`,
      reason,
      old: { point: row.point, standing: row.standing, fromMs: row.validFrom, toMs: row.validTo },
      new: { point, standing, fromMs, toMs },
    })
    for (const touched of touchedPeriods(row, { ...period, point })) await recordChange(entry, input, touched)
    return appendFact(entry, 'placement', { device, sensor, point, standing }, period)
  },
}

/** A placement as somebody wants it, in [fromMs, toMs), epoch ms. */
interface WantedPlacement extends SensorName {
  readonly point: string
  readonly standing: Standing
  readonly fromMs: number
  readonly toMs: number | null
}

function corrected(row: PlacementFact, input: PlacementCorrection): WantedPlacement {
  const { device, sensor, point = row.point, standing = row.standing, fromMs = row.validFrom } = input
  return {
    device,
    sensor,
    point,
    standing,
    fromMs,
    toMs: input.toMs === undefined ? row.validTo : input.toMs,
  }
}

/**
 * The standing a placement gets where it is wanted; `replaced` is the row it would take the place of. Throws when it
 * cannot be there at all: nothing of that name, not there yet, retired, or the sensor is elsewhere.
 */
async function standingFor(
  reader: FactsReader,
  wanted: WantedPlacement,
  replaced?: PlacementFact,
): Promise<Standing> {
  const { device, sensor, fromMs, toMs } = wanted
  checkOneOf('standing', wanted.standing, standings)
  if (toMs !== null && toMs <= fromMs) {
    throw refusal('bad-request', 'The placement would end before it begins.', 'Correct from and to.')
  }
  const point = await pointOf(reader, wanted.point)
  await checkPoint(reader, point, wanted)
  const others = (rows: readonly PlacementFact[]) =>
    rowsDuring(rows, fromMs, toMs).filter((row) => row.fact !== replaced?.fact)
  const [elsewhere] = others(await history(reader, 'placement', { device, sensor }))
  if (elsewhere !== undefined) {
    const until = elsewhere.validTo === null ? '' : ` until ${instantText(elsewhere.validTo)}`
    throw refusal(
      'conflict',
      `Sensor ${sensorPath(device, sensor)} is at point ${elsewhere.point} since ${instantText(elsewhere.validFrom)}${until}.`,
      'A sensor is at one point at a time: end or correct that placement first.',
    )
  }
  if (wanted.standing === 'secondary') return 'secondary'
  const there = others(await liveBy(reader, 'placement', 'point', point.id))
  return there.some((row) => row.standing === 'judged') ? 'secondary' : 'judged'
}

async function checkPoint(reader: FactsReader, point: PointFact, wanted: WantedPlacement): Promise<void> {
  if (wanted.fromMs < point.validFrom) {
    throw refusal(
      'conflict',
      `Point ${point.id} is there since ${instantText(point.validFrom)}, not yet at ${instantText(wanted.fromMs)}.`,
      'Correct the time, or name another point.',
    )
  }
  await checkStands(reader, point.place, wanted.fromMs, wanted.toMs)
  const here = await organisationOfSite(reader, (await placeOf(reader, point.place)).site)
  const home = await organisationOfSite(reader, (await deviceOf(reader, wanted.device)).site)
  if (here.demo === home.demo) return
  throw refusal(
    'demo-only',
    `Device ${wanted.device} and point ${point.id} are not both of a demonstration or both real.`,
    'Place simulated devices in demonstrations and nowhere else.',
  )
}

function checkSensorName(sensor: string): void {
  if (isName(sensor)) return
  throw refusal(
    'bad-request',
    'The sensor name is not one a device can send.',
    'Use 1 to 64 characters of A-Z a-z 0-9 . _ -.',
  )
}

function checkDiffers(row: PlacementFact, next: Period & Pick<PlacementFact, 'point' | 'standing'>): void {
  const { point, standing, validFrom, validTo } = next
  const same = row.point === point && row.standing === standing
  if (!same || row.validFrom !== validFrom || row.validTo !== validTo) return
  throw refusal('already-exists', 'The placement is recorded like that already.', 'Nothing needs to be done.')
}

type Interval = Pick<Period, 'validFrom' | 'validTo'>

/** Where the sensor may be at another point than before: everything, or what was gained and lost at the ends. */
function touchedPeriods(
  old: Interval & { readonly point: string },
  next: Interval & { readonly point: string },
): readonly Interval[] {
  const end = ({ validTo }: Interval): number => validTo ?? Infinity
  const first = Math.min(old.validFrom, next.validFrom)
  const last = Math.max(end(old), end(next))
  const apart = end(old) <= next.validFrom || end(next) <= old.validFrom
  const pieces =
    old.point !== next.point || apart
      ? [[first, last] as const]
      : [
          [first, Math.max(old.validFrom, next.validFrom)] as const,
          [Math.min(end(old), end(next)), last] as const,
        ]
  return pieces
    .filter(([from, to]) => from < to)
    .map(([validFrom, to]) => ({ validFrom, validTo: to === Infinity ? null : to }))
}

async function recordChange(
  { tx, seq }: Act,
  { device, sensor }: SensorName,
  { validFrom, validTo }: Interval,
): Promise<void> {
  const change = { device, sensor, fromMs: validFrom, toMs: validTo, act: seq }
  await tx.run(tx.db.insertInto('placement_change').values(change))
}

function atNoPoint({ device, sensor }: SensorName, atMs: number) {
  return refusal(
    'not-found',
    `Sensor ${sensorPath(device, sensor)} is at no point at ${instantText(atMs)}.`,
    'Correct the sensor or the time.',
  )
}

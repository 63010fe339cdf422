import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectedPlaces } from '../../store/index.ts'
import { ProjectionSteps, type StepOutcome } from '../../store/influx/projection-step.ts'
import type { Lines } from '../../store/influx/lines.ts'
import type { WriteVerdict } from '../../store/influx/writer.ts'
import { textsOf } from '../support/influx-lines.ts'
import { hurriedClock } from './influx-fixture.ts'
import { openReadings, putRecord, type Readings, T0 } from './readings-fixture.ts'

const LIMIT = 2
const taken: WriteVerdict = { kind: 'written', refused: [], expired: 0 }

let readings: Readings
beforeEach(() => {
  readings = openReadings()
  for (let index = 0; index < 6; index += 1) putRecord(readings, index, [{ tMs: T0 + index }])
})
afterEach(() => {
  readings.remove()
})

/** An InfluxDB that answers when it is told to, and how often rows were read for it. */
class Stage {
  /** What came, by its temperature and place. */
  readonly written: string[][] = []
  readonly given: Lines[] = []
  readonly read: number[] = []
  place = 'a'
  version = 0
  answer: PromiseWithResolvers<WriteVerdict> | undefined
  /** What is answered to the next writes, before all else. */
  answers: Promise<WriteVerdict>[] = []
  verdict = taken
  /** From where on rows cannot be read. */
  unreadable: number | undefined
  inFlight = 0
  mostInFlight = 0
  readonly steps: ProjectionSteps

  constructor() {
    const { reads } = readings
    const places: Pick<ProjectedPlaces, 'around' | 'version'> = {
      version: () => this.version,
      around: () => {
        const where = { site: 's', place: this.place, point: 'p' }
        return { fromMs: -Infinity, toMs: Infinity, where }
      },
    }
    this.steps = new ProjectionSteps({
      reads: {
        ...reads,
        changedTuples: (from, to, limit) => {
          this.read.push(from)
          if (from === this.unreadable) throw new Error('the store cannot be read')
          return reads.changedTuples(from, to, limit)
        },
      },
      writer: { write: (lines) => this.#take(lines) },
      places,
      clock: hurriedClock(),
    })
  }

  async #take(lines: Lines): Promise<WriteVerdict> {
    const texts = textsOf(lines)
    const body = lines.body(0, lines.count)
    const sent = Buffer.from(body)
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    this.given.push(lines)
    this.written.push(texts.map((line) => `${/place=([^,]*)/.exec(line)?.[1]}@${line.slice(-9, -6)}`))
    const verdict = await (this.answers.shift() ?? this.answer?.promise ?? this.verdict)
    this.inFlight -= 1
    // what is on its way, or may be sent again in parts
    const isSame = textsOf(lines).join('\n') === texts.join('\n') && Buffer.from(body).equals(sent)
    if (!isSame) throw new Error('the lines have changed before they were answered')
    return verdict
  }

  step(from: number, to = 6): Promise<StepOutcome> {
    return this.steps.step({ from, to, limit: LIMIT, signal: new AbortController().signal })
  }
}

test('while a batch is on its way the next one is made and sent, and no row is read twice', async () => {
  const stage = new Stage()
  stage.answer = Promise.withResolvers()
  const first = stage.step(0)
  await expect.poll(() => stage.read).toEqual([0, 2])
  await expect.poll(() => stage.written.length).toBe(2)
  stage.answer.resolve(taken)
  expect(await first).toEqual({ kind: 'projected', next: 2, rows: 2, held: [], expired: 0 })
  stage.answer = undefined
  expect(await stage.step(2)).toMatchObject({ next: 4 })
  expect(await stage.step(4)).toMatchObject({ next: 6 })
  expect(stage.read).toEqual([0, 2, 4])
  expect(stage.written).toEqual([
    ['a@000', 'a@001'],
    ['a@002', 'a@003'],
    ['a@004', 'a@005'],
  ])
  expect(stage.mostInFlight).toBe(2)
  // the third was made in the memory of the first
  expect(new Set(stage.given).size).toBe(2)
})

test('what was made ahead is made anew when sensors were moved meanwhile, or the cursor is elsewhere', async () => {
  const stage = new Stage()
  await stage.step(0)
  stage.place = 'b'
  stage.version += 1
  await stage.step(2)
  expect(stage.written.slice(2)).toEqual([
    ['b@002', 'b@003'],
    ['b@004', 'b@005'],
  ])
  await stage.step(0)
  expect(stage.written.slice(4)).toEqual([
    ['b@000', 'b@001'],
    ['b@002', 'b@003'],
  ])
})

test('of rows that records have changed since the others were asked for none is on its way beside them', async () => {
  const stage = new Stage()
  const late = Promise.withResolvers<WriteVerdict>()
  stage.answers = [Promise.resolve(taken), late.promise]
  await stage.step(0, 4)
  // rows up to record 4 are on their way; 6 are known of now
  const second = stage.step(2)
  await expect.poll(() => stage.read).toEqual([0, 2, 4])
  expect(stage.written).toHaveLength(2)
  late.resolve(taken)
  expect(await second).toMatchObject({ next: 4 })
  expect(await stage.step(4)).toMatchObject({ next: 6 })
  expect(stage.written.at(-1)).toEqual(['a@004', 'a@005'])
})

test('after a failure rows are read again', async () => {
  const stage = new Stage()
  stage.verdict = { kind: 'retry', what: '', remedy: '', afterMs: null }
  expect(await stage.step(0)).toMatchObject({ kind: 'retry' })
  stage.verdict = taken
  expect(await stage.step(0)).toMatchObject({ kind: 'projected', next: 2 })
  expect(stage.read).toEqual([0, 2, 0, 2])
})

test('when rows cannot be read, nothing is sent again before the batch on its way is answered', async () => {
  const stage = new Stage()
  const late = Promise.withResolvers<WriteVerdict>()
  stage.answers = [late.promise]
  stage.unreadable = 2
  let isOver = false
  const failing = stage.step(0).catch((thrown: unknown) => {
    isOver = true
    return thrown
  })
  await expect.poll(() => stage.read).toEqual([0, 2])
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isOver).toBe(false)
  late.resolve(taken)
  expect(await failing).toHaveProperty('message', 'the store cannot be read')
  stage.unreadable = undefined
  expect(await stage.step(0)).toMatchObject({ next: 2 })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoryCity } from './story-city.ts'
import { calm, file, report } from './story-report.ts'

const LI = '+8613800138000'
const reason = 'as the log book says'

/**
 * The road from a reading to a person, told from outside. Each step is an act and what must be seen of it afterwards.
 * Told a second time, the process is killed at every step: by turns as soon as the act is acknowledged, and after what
 * came of it has been seen; then it must be seen again.
 */
describe.each([
  ['nobody kills it', false],
  ['it is killed at every step', true],
] as const)('a fridge warms up, and %s', (_how, isKilled) => {
  let city: StoryCity
  beforeAll(async () => {
    city = await StoryCity.open()
  }, 60_000)
  afterAll(() => city.close())

  let steps = 0

  /** Carries out one step and sees what came of it. */
  async function step(act: () => Promise<unknown>, see: () => Promise<unknown>): Promise<void> {
    steps += 1
    const isAtOnce = steps % 2 === 0
    await act()
    if (isKilled && isAtOnce) await city.killAndStart()
    await see()
    if (!isKilled || isAtOnce) return
    await city.killAndStart()
    await see()
  }

  const incident = async () => (await city.incidents())[0] ?? {}
  const kinds = (acts: unknown) =>
    (acts as { kind: string }[]).map(({ kind: each }) => each.replace('incident.', ''))
  const told = async () =>
    (((await incident())['messages'] ?? []) as Record<string, unknown>[]).map((message) =>
      [message['template'], message['recipientName'], message['state']].join(' '),
    )

  test('in range, nothing is to be done', async () => {
    await step(
      () => city.send([[1, 'a', -120, 6], ...calm(2, -80, -60)]),
      async () => {
        await city.seen(async () => (await city.stage.items('readings?place=fridge&limit=100')).length, 9)
        expect(await city.findings()).toEqual([])
        expect(await city.incidents()).toEqual([])
      },
    )
  }, 60_000)

  test('past the critical value people are warned', async () => {
    await step(
      () => city.send([[20, 'a', -60, 7.6]]),
      async () => {
        await city.seen(() => city.findings(), [['a', 'warm-critical', -60, null, 7.6]])
        await city.seen(told, ['incident-raised 李 sent'])
        expect(await incident()).toMatchObject({ state: 'raised', grade: 'warning', open: true, peak: 7.6 })
        expect(city.sms()).toEqual([`incident-raised ${LI}`])
      },
    )
  }, 60_000)

  test('past the range they are called again, in the same incident', async () => {
    await step(
      () => city.send([...calm(21, -60, -55).slice(1), [23, 'a', -55, 7.8], [24, 'a', -50, 8.5]]),
      async () => {
        await city.seen(
          () => city.findings(),
          [
            ['a', 'warm-critical', -60, null, 8.5],
            ['a', 'warm-range', -50, null, 8.5],
          ],
        )
        await city.seen(told, ['incident-raised 李 sent', 'incident-worse 李 sent'])
        expect(await incident()).toMatchObject({ state: 'raised', grade: 'alarm', open: true, peak: 8.5 })
        expect(city.sms()).toEqual([`incident-raised ${LI}`, `incident-worse ${LI}`])
        expect([...city.gateway.messages.values()].at(-1)?.text).toMatch(
          /报警.*偏高 8\.5 ℃.*一号冰箱.*3批疫苗/,
        )
        expect(city.gateway.unsigned).toEqual([])
      },
    )
  }, 60_000)

  test('the gateway says that it was delivered', async () => {
    const ids = [...city.gateway.messages.keys()]
    await step(
      async () => {
        for (const id of ids) {
          expect(await city.gateway.receipt(city.stage.running.httpPort, id, 'delivered')).toBe(204)
        }
      },
      () => city.seen(told, ['incident-raised 李 delivered', 'incident-worse 李 delivered']),
    )
  }, 60_000)

  test('one lot is moved out in between', async () => {
    const move = { kind: 'move', place: 'fridge', to: 'spare', quantity: 100, at: city.at(-52), reason }
    await step(
      () => city.must('lots/lot-2/custody', move),
      async () => {
        const { legs } = (await city.stage.get(`lots/lot-2/exposure?to=${city.at(0)}`)) as {
          legs: Record<string, unknown>[]
        }
        const places = legs.map((leg) => [leg['place'], city.minuteOf(leg['to']), leg['warmSeconds']])
        expect(places).toEqual([
          ['fridge', -52, 0],
          ['spare', 0, 0],
        ])
      },
    )
  }, 60_000)

  test('two acknowledge at once: one wins, and both are told', async () => {
    const { id } = await incident()
    let taker = ''
    await step(
      async () => {
        const acknowledge = `incidents/${String(id)}/acknowledge`
        const answers = await Promise.all(city.people.map((each) => city.post(acknowledge, { reason }, each)))
        expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
        const won = (await answers.find(({ status }) => status === 200)?.json()) as Record<string, unknown>
        const lost = (await answers.find(({ status }) => status === 409)?.json()) as Record<string, unknown>
        taker = String(won['acknowledgedBy'])
        expect(lost).toMatchObject({ code: 'conflict' })
        expect(String(lost['detail'])).toContain(taker)
      },
      async () => {
        expect(await incident()).toMatchObject({ state: 'acknowledged', open: true, acknowledgedBy: taker })
      },
    )
  }, 60_000)

  test('it recovers, those who were called are told, and the incident is resolved', async () => {
    await step(
      () =>
        city.send([
          [25, 'b', -55, 4.5],
          [26, 'b', -50, 4.6],
          [27, 'a', -45, 8.2],
          [28, 'a', -40, 5],
          ...calm(29, -35, -20),
        ]),
      async () => {
        await city.seen(
          () => city.findings(),
          [
            ['a', 'warm-critical', -60, -40, 8.5],
            ['a', 'warm-range', -50, -40, 8.5],
          ],
        )
        await city.seen(told, [
          'incident-raised 李 delivered',
          'incident-worse 李 delivered',
          'incident-over 李 sent',
        ])
        expect(await incident()).toMatchObject({ state: 'resolved', open: false, resolution: 'recovered' })
        expect(city.sms()).toHaveLength(3)
      },
    )
  }, 60_000)

  test('a late reading moves the start: its acts stay reachable, and nobody is called', async () => {
    const [before] = await city.stage.items('findings?place=fridge&point=a&limit=10')
    expect(before).toBeDefined()
    await step(
      () => city.send([[40, 'a', -53, 8.1]]),
      async () => {
        await city.seen(
          () => city.findings(),
          [
            ['a', 'warm-critical', -60, -40, 8.5],
            ['a', 'warm-range', -53, -40, 8.5],
          ],
        )
        await city.seen(async () => kinds((await incident())['acts']).at(-1), 'attach')
        const { findings, formerFindings } = await incident()
        expect((findings as object[]).length).toBe(2)
        expect((formerFindings as string[]).length).toBe(1)
        expect(city.sms()).toHaveLength(3)
      },
    )
  }, 60_000)

  test('what was over when it was seen is listed, and nobody is called', async () => {
    await step(
      () =>
        city.send([
          [41, 'b', -110, 9],
          [42, 'b', -105, 5],
        ]),
      async () => {
        const ofB = async () =>
          (await city.findings()).filter(([point]) => point === 'b').map(([, , , to]) => to)
        await city.seen(ofB, [-105, -105])
        await city.seen(async () => (await city.incidents()).length, 2)
        expect((await city.incidents())[1]).toMatchObject({
          state: 'raised',
          open: false,
          seenLate: true,
          calledAt: null,
          peak: 9,
          messages: [],
        })
        expect(city.sms()).toHaveLength(3)
      },
    )
  }, 60_000)

  test('a placement corrected back-dated re-judges, and changes what the lots saw', async () => {
    const correction = { device: 'logger', sensor: 'a', at: city.at(-30), from: city.at(-54), reason }
    await step(
      () => city.must('placements/correct', correction),
      async () => {
        await city.seen(
          async () => (await city.findings()).filter(([point]) => point === 'a'),
          [
            ['a', 'warm-critical', -53, -40, 8.5],
            ['a', 'warm-range', -53, -40, 8.5],
          ],
        )
        const exposure = (await city.stage.get(
          `lots/lot-1/exposure?from=${city.at(-120)}&to=${city.at(-20)}`,
        )) as {
          total: Record<string, unknown>
        }
        // out from -110 to -105 on b, and from -53 to -40 on a
        expect(exposure.total).toMatchObject({ warmSeconds: 18 * 60, coldSeconds: 0, max: 9 })
        expect(await incident()).toMatchObject({ state: 'resolved', since: city.at(-53) })
        expect(city.sms()).toHaveLength(3)
      },
    )
  }, 60_000)

  test('the audit trail tells all of it, in order and once', async () => {
    const { id } = await incident()
    const wanted = ['raise', 'call', 'join', 'call', 'acknowledge', 'over', 'resolve', 'attach', 'attach']
    await city.seen(async () => kinds((await incident())['acts']), wanted)
    const trail = await city.stage.items(`audit?subject=incident:${String(id)}`)
    expect(kinds(trail)).toEqual(wanted)
    expect(trail.map(({ actor }) => actor).filter((actor) => String(actor).startsWith('user:'))).toHaveLength(
      1,
    )
    // at least once; a kill between the sending and its record sends again, under the same id
    const repeated = [...city.gateway.arrivals.values()].filter((arrivals) => arrivals > 1)
    expect(isKilled ? 0 : repeated.length).toBe(0)
  })

  test('the report agrees with the story', async () => {
    await step(
      // the same record again is a duplicate, and without a number nothing late is believed
      async () => {
        await city.send([[40, 'a', -53, 8.1]])
      },
      async () => {
        await city.seen(async () => (await report(city)).completeness.totals['duplicate'], 1)
        const { completeness, ...made } = await report(city)
        // those of one start come by their ids, which are hashes
        const excursions = made.excursions.toSorted(
          (a, b) => a.start.localeCompare(b.start) || a.limit.limit - b.limit.limit,
        )
        expect(excursions.map((row) => [row.point.id, city.minuteOf(row.start), row.limit.limit])).toEqual([
          ['b', -110, 7.5],
          ['b', -110, 8],
          ['a', -53, 7.5],
          ['a', -53, 8],
        ])
        const range = excursions[3]
        expect(range).toMatchObject({ peak: 8.5, observedSeconds: 13 * 60, worstCaseSeconds: 13 * 60 })
        expect(range?.lots.map((lot) => [lot.id, city.minuteOf(lot.to)])).toEqual([
          ['lot-1', -40],
          ['lot-2', -52],
          ['lot-3', -40],
        ])
        expect(range?.incident).toMatchObject({
          state: 'resolved',
          acknowledged: { by: expect.stringMatching(/^(?:li|wang) \(user:u/) as string },
        })
        expect(range?.incident?.told.map(({ recipient, kind: each }) => [recipient, each])).toEqual([
          ['李', 'incident-raised'],
          ['李', 'incident-worse'],
          ['李', 'incident-over'],
        ])
        // of b everything, of a what came after the corrected placement began
        const counted = { expected: 4, missing: 0, stored: 19, late: 2, duplicate: 1, held: 0 }
        expect(completeness.totals).toMatchObject(counted)
        const csv = await file(city, 'csv')
        expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
        expect(csv.toString()).toMatch(/报警时间.*\r\n.*一号冰箱/s)
        expect((await file(city, 'xlsx')).subarray(0, 2).toString()).toBe('PK')
      },
    )
  }, 60_000)
})

import { expect, test } from 'vitest'
import { causeOf, gradeOf, louder } from '../../domain/index.ts'
import { type DeskStore, openOutbox } from '../../store/index.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { deskOn } from './desk-stage.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, START_MS } from './judge-stage.ts'
import { judgeStep, refusable } from './judge-steps.ts'

const STEPS = 40
const reason = 'tested'

/** People act on what is there, and minutes pass. */
async function peopleAct(stage: JudgeStage, random: SeededRandom): Promise<void> {
  const unresolved = stage.view.unresolvedIncidents()
  const one = unresolved[random.below(Math.max(1, unresolved.length))]
  if (one !== undefined && random.oneIn(3)) {
    const verb = random.oneIn(2) ? 'incident.acknowledge' : 'incident.resolve'
    await refusable(stage.command(verb, { id: one.id, reason }))
  }
  if (random.oneIn(4)) stage.advance(random.below(10) * MINUTE_MS)
}

/** What holds whenever the desk has nothing left to do. */
async function checkLaws(stage: JudgeStage, store: DeskStore): Promise<void> {
  const { view, findings } = stage
  const standing = findings.allFindings()
  const links = await store.step((tx) => tx.linksOf(standing.map(({ id }) => id)))
  const incidentsOf = (id: string) =>
    links.filter(({ finding }) => finding === id).map((link) => link.incident)
  const lines = view.unresolvedIncidents().map(({ place, cause }) => `${place} ${cause}`)
  expect(new Set(lines).size).toBe(lines.length)
  for (const finding of standing) {
    // of records too far apart that were over at first sight nobody is told
    if (finding.kind === 'cadence' && !finding.open) continue
    const incidents = incidentsOf(finding.id).map((id) => view.incident(id))
    expect({ finding: finding.id, incidents: incidents.length > 0 }).toEqual({
      finding: finding.id,
      incidents: true,
    })
    if (!finding.open) continue
    const current = incidents.find((incident) => incident?.state !== 'resolved')
    expect(current).toMatchObject({ open: 1, place: finding.place, cause: causeOf(finding) })
    // somebody knows of it, or will be called
    const knows = current?.told === 1 && louder(gradeOf(finding), current.calledGrade) === current.calledGrade
    const willBe = (current?.callDueMs ?? 0) > stage.clock.nowMs()
    expect(knows || willBe).toBe(true)
  }
  for (const incident of view.unresolvedIncidents()) {
    const own = await store.step((tx) => tx.findingsOf(incident.id))
    const isOpen = standing.some(({ id, open }) => open && own.includes(id))
    expect({ id: incident.id, open: incident.open }).toEqual({ id: incident.id, open: isOpen ? 1 : 0 })
  }
}

test.each([11, 12, 13, 14, 15, 16])(
  'no excursion is without an incident or a call, seed %i',
  async (seed) => {
    const random = new SeededRandom(seed)
    const stage = await openJudgeStage()
    await stage.command('recipient.create', { place: 'room', name: '值班', channel: 'console' })
    // warnings first, alarms later: without it there is one level only
    await stage.command('rules.activate', {
      pack: 'cn-gsp-storage',
      version: 1,
      organisation: 'o',
      fromMs: START_MS,
      reason,
    })
    const { store, settle } = deskOn(stage)
    const used = new Set<string>()
    for (let count = 0; count < STEPS; count += 1) {
      await judgeStep(stage, random, used)
      // with several steps between, what opens and ends meanwhile is seen in one go
      if (random.oneIn(2)) {
        await settle()
        await checkLaws(stage, store)
      }
      await peopleAct(stage, random)
    }
    await settle()
    await checkLaws(stage, store)
    stage.advance(60 * MINUTE_MS)
    await settle()
    await checkLaws(stage, store)
    expect(
      stage.view
        .unresolvedIncidents()
        .map(({ callDueMs }) => callDueMs)
        .filter((due) => due !== null),
    ).toEqual([])
    const { version } = await stage.facts.snapshot()
    // findings made anew have the ids they had: going through them again calls nobody
    await store.step((tx) => tx.setCursor(0))
    await settle()
    expect((await stage.facts.snapshot()).version).toBe(version)
    const due = await openOutbox(stage.facts).due('console', stage.clock.nowMs(), 1_000)
    expect(due.every(({ message }) => message.createdMs >= START_MS)).toBe(true)
    expect(stage.errors).toEqual([])
    await stage.close()
  },
)

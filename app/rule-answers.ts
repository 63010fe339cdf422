import { changes, PointFollower, silencesOf } from '../alerts/index.ts'
import {
  boundOf,
  type Finding,
  measuredQuantities,
  instantText,
  instantTextOrNull,
  Problem,
  ROOT_SCOPE,
  type RulePack,
} from '../domain/index.ts'
import type { FactsView, FindingReads, Queries, RuleTrial } from '../store/index.ts'
import { chunksFrom } from './core/judge/chunks.ts'
import { type PointFacts, pointFactsOf } from './core/judge/point-facts.ts'
import { isSaidAt, type SaidOfRules } from './core/judge/rules.ts'
import { preparedTrack } from './core/judge/track.ts'
import { systemClock } from './doors/clock.ts'
import { readRulePacks } from './doors/rule-packs.ts'
import { findingAnswer } from './finding-answers.ts'

/** What rules are asked of. */
export interface RuleStores {
  readonly findings: FindingReads
  readonly view: FactsView
  readonly viewReady: () => Promise<void>
}

/** Answers about which rules hold where, and what others would have found. */
export function ruleAnswers({ findings, view, viewReady }: RuleStores) {
  return {
    'rules.where': async ({ rule }: Queries['rules.where']) => {
      await viewReady()
      const packs = await readRulePacks()
      return view.pointIds().flatMap((point) => {
        const facts = pointFactsOf(view, packs, point)
        return (facts?.rules ?? [])
          .filter((each) => each.rule.id === rule)
          .map(({ packVersion, rule: held, label, fromMs, toMs }) => {
            return {
              place: facts?.place,
              point,
              packVersion,
              ...boundOf(held),
              labelOf: label?.product ?? null,
              from: instantText(fromMs),
              to: instantTextOrNull(toMs),
            }
          })
      })
    },
    'rules.concerned': async (trial: Queries['rules.concerned']) => {
      await viewReady()
      const packs = await packsOf(trial)
      checkOrganisation(view, trial)
      const now = await readRulePacks()
      return view.pointIds().filter((point) => {
        const before = pointFactsOf(view, now, point)
        const after = pointFactsOf(view, packs, point, saidWith(view, trial))
        return JSON.stringify(before?.rules) !== JSON.stringify(after?.rules)
      })
    },
    'rules.what-if': async (asked: Queries['rules.what-if']) => {
      await viewReady()
      const before = pointFactsOf(view, await readRulePacks(), asked.point)
      const after = pointFactsOf(view, await packsOf(asked), asked.point, saidWith(view, asked))
      if (before === undefined || after === undefined) throw noSuchPoint(asked.point)
      const [was, is] = await judgedSince(findings, [before, after], asked)
      const { opened, changed, closed, replaced, withdrawn } = changes(was, is)
      const told = (what: string, finding: Finding): object => {
        return { what, ...findingAnswer({ finding, asOfMs: asked.toMs }) }
      }
      return {
        before: was.length,
        after: is.length,
        items: [
          ...opened.map((finding) => told('appears', finding)),
          ...withdrawn.map((finding) => told('vanishes', finding)),
          ...replaced.map(({ finding }) => told('moves', finding)),
          ...[...changed, ...closed].map(({ finding }) => told('changes', finding)),
        ],
      }
    },
  }
}

/** The packs as they would be: with the one on trial, if it is not among those of this version. */
async function packsOf({ file }: RuleTrial): Promise<readonly RulePack[]> {
  const packs = await readRulePacks()
  if (file === undefined) return packs
  const known = packs.find(({ id, version }) => id === file.id && version === file.version)
  if (known === undefined) return [...packs, file]
  if (JSON.stringify(known) === JSON.stringify(file)) return packs
  throw new Problem('bad-request', {
    what: `Version ${file.version} of ${file.id} is there already and says something else.`,
    remedy: 'Give the file the next version: a version of a rule never changes.',
  })
}

/**
 * What is said of rules, and in its place for the organisation what is on trial: from an instant until the next that
 * was said of that version, as the decision itself would hold.
 */
function saidWith(view: FactsView, { organisation, pack, version, state, changeMs }: RuleTrial): SaidOfRules {
  return {
    organisation: (id) => view.organisation(id),
    ruleActivationsOf: (id) => {
      const rows = view.ruleActivationsOf(id)
      if (id !== organisation) return rows
      const others = rows.filter((row) => row.pack !== pack || row.version !== version)
      const own = rows.filter((row) => row.pack === pack && row.version === version)
      const holding = own.find((row) => isSaidAt(row, changeMs))
      const next = own
        .filter(({ validFrom }) => validFrom > changeMs)
        .toSorted((a, b) => a.validFrom - b.validFrom)[0]
      const validTo = holding === undefined ? (next?.validFrom ?? null) : holding.validTo
      const rest = own.map((row) => (row === holding ? { ...row, validTo: changeMs } : row))
      return [...others, ...rest, { pack, version, state, validFrom: changeMs, validTo }]
    },
  }
}

type Both<T> = readonly [T, T]

/** The findings of a point by rules of two kinds, from the readings since an instant. Lets others run in between. */
async function judgedSince(
  reads: FindingReads,
  both: Both<PointFacts>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<Both<readonly Finding[]>> {
  // they differ in nothing but their rules
  const [facts] = both
  const found: Both<Finding[]> = [[], []]
  for (const quantity of measuredQuantities) {
    const points = both.map((each) => preparedTrack(each, quantity))
    if (points.every(({ chains, cadences }) => chains.length + cadences.length === 0)) continue
    const followers = points.map((point, nth) => new PointFollower(point, null, found[nth] ?? []))
    for (const values of chunksFrom(reads, facts, quantity, fromMs)) {
      for (const { tMs, value } of values) {
        if (tMs <= toMs) for (const follower of followers) follower.take(tMs, value)
      }
      if ((values.at(-1)?.tMs ?? toMs) >= toMs) break
      await systemClock.sleep(0)
    }
    for (const [nth, follower] of followers.entries()) found[nth]?.push(...follower.tail(toMs))
  }
  const contacts = facts.placements.map((placement) => ({
    ...placement,
    ...reads.contactOf(placement.device, placement.sensor, fromMs),
  }))
  const heardToMs = Math.min(toMs, reads.heardToMs() ?? toMs)
  for (const [nth, each] of both.entries()) {
    const silences = silencesOf({ ...each, contacts }, heardToMs)
    found[nth]?.push(...silences.filter(({ startMs }) => startMs >= fromMs))
  }
  return found
}

function checkOrganisation(view: FactsView, { organisation }: RuleTrial): void {
  if (organisation === ROOT_SCOPE || view.organisation(organisation) !== undefined) return
  throw new Problem('not-found', {
    what: `There is no organisation ${organisation}.`,
    remedy: 'List them with `isotherm organisation list`; root stands for all.',
  })
}

function noSuchPoint(point: string): Problem {
  return new Problem('not-found', { what: `There is no point ${point}.`, remedy: 'List the points.' })
}

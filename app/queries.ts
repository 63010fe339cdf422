import { placedBy } from '../batches/index.ts'
import { heldReasons, instantText, Problem, ROOT_SCOPE } from '../domain/index.ts'
import type { CanonicalReads, FactsReads, FactsView, HeldItem, Queries, QueryName } from '../store/index.ts'
import { openCanonicalReads, openFactsReads, openFindingReads } from '../store/index.ts'
import { auditAnswers } from './audit-answers.ts'
import { deviceHealthAnswers } from './device-health.ts'
import { lastStatusOf } from './device-status.ts'
import { explainAnswers } from './explain-answers.ts'
import { findingAnswers } from './finding-answers.ts'
import { incidentAnswers } from './incident-answers.ts'
import type { DataLayout } from './layout.ts'
import { linkedAnswers, seenFrom } from './reading-answers.ts'
import { incidentsFor } from './report/incidents.ts'
import { reportAnswers } from './report-answers.ts'
import { ruleAnswers } from './rule-answers.ts'

/** Everything that can be asked of the stores, on connections that cannot write. */
export interface OpenQueries {
  /** The answer as UTF-8 JSON; rejects with a `Problem`. */
  answer(name: QueryName, input: unknown): Promise<Uint8Array>
  close(): void
}

type Answers = { readonly [N in QueryName]: (input: Queries[N]) => unknown }

/**
 * Opens the queries; the core must have made the files before. `view` tells where sensors and lots were; queries
 * that ask it wait for `viewReady` first.
 */
export function openQueries(
  layout: Pick<DataLayout, 'readings' | 'facts'>,
  view: FactsView,
  viewReady: () => Promise<void> = () => Promise.resolve(),
): OpenQueries {
  const reads = openCanonicalReads({ path: layout.readings, placed: placedBy(view) })
  const facts = openFactsReads({ path: layout.facts })
  const findings = openFindingReads({ path: layout.readings })
  /** The devices of a scope; undefined = no need to ask, everything is in reach. */
  const devicesIn = async (scopes: readonly string[]): Promise<readonly string[] | undefined> =>
    scopes.includes(ROOT_SCOPE) ? undefined : facts.deviceIdsIn(scopes)
  const answers: Answers = {
    ...factAnswers(facts),
    ...intakeAnswers(reads, facts, devicesIn),
    ...findingAnswers(findings, facts),
    ...explainAnswers({ findings, view, viewReady }),
    ...ruleAnswers({ findings, view, viewReady }),
    ...incidentAnswers(findings, facts),
    ...auditAnswers(facts, view, viewReady),
    ...linkedAnswers({ reads, facts, view, viewReady, devicesIn }),
    ...reportAnswers({
      reads,
      findings,
      view,
      viewReady,
      incidentsOf: incidentsFor(facts, view),
      seenFrom: (scopes) => seenFrom(view, scopes),
    }),
  }
  const encoder = new TextEncoder()
  return {
    answer: async (name, input) => {
      // the name may have travelled over a socket
      if (!Object.hasOwn(answers, name)) throw noSuchQuery(name)
      const answer = answers[name] as (given: unknown) => unknown
      const answered = await answer(input)
      // the bytes of a file go out as they are
      return answered instanceof Uint8Array ? answered : encoder.encode(JSON.stringify(answered))
    },
    close: () => {
      reads.close()
      findings.close()
      facts.close()
    },
  }
}

function factAnswers(facts: FactsReads) {
  return {
    organisations: (input) => facts.organisations(input),
    sites: (input) => facts.sites(input),
    sensors: (input) => facts.sensors(input),
    users: (input) => facts.users(input),
    keys: (input) => facts.keys(input),
    places: (input) => facts.places(input),
    points: (input) => facts.points(input),
    placements: (input) => facts.placements(input),
    duties: (input) => facts.duties(input),
    checks: (input) => facts.checks(input),
    products: (input) => facts.products(input),
    lots: (input) => facts.lots(input),
    custody: (input) => facts.custody(input),
    stock: (input) => facts.stock(input),
    supervisions: (input) => facts.supervisions(input),
    recipients: (input) => facts.recipients(input),
    'rule-proposals': (input) => facts.ruleProposals(input),
    refusals: (input) => facts.refusals(input),
  } satisfies Partial<Answers>
}

function intakeAnswers(
  reads: CanonicalReads,
  facts: FactsReads,
  devicesIn: (scopes: readonly string[]) => Promise<readonly string[] | undefined>,
) {
  return {
    devices: async (input) => {
      const { items, next } = await facts.devices(input)
      return { items: items.map((each) => ({ ...each, lastStatus: lastStatusOf(reads, each.id) })), next }
    },
    'device.status': ({ device }) => lastStatusOf(reads, device),
    ...deviceHealthAnswers(reads),
    balance: ({ device }) => reads.balance(device),
    held: async ({ scopes, device, reason, waiting, limit, after }) => {
      const inScope = await devicesIn(scopes)
      const devices = device === undefined ? inScope : await onlyDevice(facts, device, scopes)
      const filter = {
        ...(devices === undefined ? {} : { devices }),
        ...(reason === undefined ? {} : { reason }),
        ...(waiting === undefined ? {} : { waiting }),
      }
      const { items, next } = reads.heldPage(filter, limit, after)
      return { items: items.map(heldAnswer), next }
    },
  } satisfies Partial<Answers>
}

async function onlyDevice(
  facts: FactsReads,
  device: string,
  scopes: readonly string[],
): Promise<readonly string[]> {
  return (await facts.deviceInScope(device, scopes)) ? [device] : []
}

function heldAnswer({ receivedAtMs, ...item }: HeldItem): object {
  return { ...item, receivedAt: instantText(receivedAtMs), remedy: heldReasons[item.reason] }
}

function noSuchQuery(name: string): Problem {
  return new Problem('bad-request', {
    what: `There is no query ${name}.`,
    remedy: 'Run all parts in the same version.',
  })
}

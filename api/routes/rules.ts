import { Type } from 'typebox'
import type { Rule, RulePack } from '../../domain/index.ts'
import {
  boundOf,
  confidences,
  durationOf,
  duties,
  operators,
  ROOT_SCOPE,
  ruleQuantities,
  rulesThatHold,
  severities,
  sumWindows,
  takesLabel,
} from '../../domain/index.ts'
import { requireFound } from '../guard.ts'
import type { AccessFacts, ApiParts } from '../ports.ts'
import { exactly, name, page } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

const tags = ['rules']
const ruleItem = Type.Object({
  id: Type.String(),
  quantity: Type.Enum([...ruleQuantities], {
    description: '`contact`: no temperature comes. `recording`: temperatures are recorded too seldom.',
  }),
  mode: Type.Enum(['instant', 'continuous', 'cumulative', 'silence', 'cadence']),
  window: Type.Union([Type.Enum([...sumWindows]), Type.Null()], {
    description: 'What time out is added up for; null for other modes than `cumulative`.',
  }),
  windowHours: Type.Union([Type.Number(), Type.Null()], {
    description: 'Time out is added up within any so many hours; null for other windows than `rolling`.',
  }),
  operator: Type.Union([Type.Enum([...operators]), Type.Null()], {
    description:
      'A value is out when `value operator limit` holds; null for `door`, `power`, `contact`, maybe `recording`.',
  }),
  limit: Type.Union([Type.Number(), Type.Null()], { description: 'degC, or % for `battery`.' }),
  takesLabel: Type.Boolean({
    description:
      'The label of what is stored beats the limit where it is tighter: a rule about the required range.',
  }),
  level: Type.Enum(['critical', 'range']),
  durationSeconds: Type.Number({ description: 'How long a value must be out; 0 = one reading is enough.' }),
  duties: Type.Array(Type.Enum([...duties]), { description: 'Applies while the place is on one of these.' }),
  severity: Type.Enum([...severities]),
  clause: Type.String(),
  source: Type.String(),
  confidence: Type.Enum([...confidences], {
    description: '`seen`: read in the text itself. The others hold by an act of activation only.',
  }),
  activeFor: Type.Array(Type.String(), {
    description:
      'Of the organisation asked for, or of those the caller has a role on, those for which it holds now, or `root`.',
  }),
})
const packItem = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  title: Type.Object({ zh: Type.String(), en: Type.String() }),
  organisations: Type.Array(Type.String(), { description: 'Kinds of organisation it is for.' }),
  places: Type.Array(Type.String(), { description: 'Kinds of place it is for.' }),
  onlyWhenActivated: Type.Boolean({ description: 'It holds nowhere before somebody activates it.' }),
  rules: Type.Array(ruleItem),
})

/** `rules`: the packs, and where they hold. */
export function ruleRoutes(app: TypedApp, { access, rulePacks, clock }: ApiParts): void {
  app.get(
    '/api/v1/rules',
    {
      schema: {
        operationId: 'listRules',
        summary: 'The rule packs, and for which of the organisations of the caller each rule holds now',
        tags,
        querystring: exactly({
          organisation: Type.Optional(name('In place of those of the caller: this one within their reach.')),
        }),
        response: { 200: page(packItem) },
      },
      config: { access: { right: 'rules:read', scope: { kind: 'anywhere' } } },
    },
    (request) => {
      const { organisation } = request.query
      if (organisation !== undefined) requireFound(access, request, 'organisation', organisation)
      const asked = organisation === undefined ? request.scopes : [organisation]
      const nowMs = clock.nowMs()
      return {
        items: rulePacks.map((pack) => packAnswer(access, rulePacks, pack, asked, nowMs)),
        next: null,
      }
    },
  )
}

function packAnswer(
  access: AccessFacts,
  packs: readonly RulePack[],
  pack: RulePack,
  organisations: readonly string[],
  nowMs: number,
) {
  const versions = packs.filter(({ id }) => id === pack.id).toSorted((a, b) => a.version - b.version)
  const held = organisations.map((organisation) => ({
    organisation,
    rules: rulesThatHold(versions, (version) => stateAt(access, organisation, pack.id, version, nowMs))
      .filter(({ packVersion }) => packVersion === pack.version)
      .map(({ rule }) => rule.id),
  }))
  const ruleAnswer = (rule: Rule) => ({
    id: rule.id,
    quantity: rule.quantity,
    mode: rule.mode.kind,
    window: rule.mode.kind === 'cumulative' ? rule.mode.window : null,
    windowHours:
      rule.mode.kind === 'cumulative' && rule.mode.window === 'rolling'
        ? rule.mode.windowMs / 3_600_000
        : null,
    ...boundOf(rule),
    takesLabel: takesLabel(rule),
    level: rule.level,
    durationSeconds: durationOf(rule.mode) / 1_000,
    duties: [...rule.duties],
    severity: rule.severity,
    clause: rule.clause,
    source: rule.source,
    confidence: rule.confidence,
    activeFor: held.filter(({ rules }) => rules.includes(rule.id)).map(({ organisation }) => organisation),
  })
  return {
    id: pack.id,
    version: pack.version,
    title: pack.title,
    organisations: [...pack.for.organisations],
    places: [...pack.for.places],
    onlyWhenActivated: pack.onlyWhenActivated,
    rules: pack.rules.map(ruleAnswer),
  }
}

/** What was said for the organisation or, nearest first, for one above it. */
function stateAt(access: AccessFacts, organisation: string, pack: string, version: number, nowMs: number) {
  let id: string | null | undefined = organisation
  while (id !== null && id !== undefined) {
    const row = access
      .ruleActivationsOf(id)
      .find(
        (each) =>
          each.pack === pack &&
          each.version === version &&
          each.validFrom <= nowMs &&
          (each.validTo === null || nowMs < each.validTo),
      )
    if (row !== undefined) return row.state
    id = id === ROOT_SCOPE ? null : (access.organisation(id)?.parent ?? ROOT_SCOPE)
  }
  return undefined
}

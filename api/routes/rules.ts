import { Type } from 'typebox'
import type { Rule, RuleActivationFact, RulePack } from '../../domain/index.ts'
import {
  boundOf,
  confidences,
  durationOf,
  duties,
  instantTextOrNull,
  operators,
  Problem,
  ROOT_SCOPE,
  ruleQuantities,
  rulesThatHold,
  severities,
  sumWindows,
} from '../../domain/index.ts'
import { recorded } from '../answers.ts'
import { callerOf, requireFound } from '../guard.ts'
import type { AccessFacts, ApiParts } from '../ports.ts'
import { exactly, name, page, reason, recorded as recordedFields, scopeName, timeInput } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

const tags = ['rules']
const ruleItem = Type.Object({
  id: Type.String(),
  quantity: Type.Enum([...ruleQuantities], { description: '`contact`: no temperature comes.' }),
  mode: Type.Enum(['instant', 'continuous', 'cumulative', 'silence']),
  window: Type.Union([Type.Enum([...sumWindows]), Type.Null()], {
    description: 'What time out is added up for; null for other modes than `cumulative`.',
  }),
  operator: Type.Union([Type.Enum([...operators]), Type.Null()], {
    description: 'A value is out when `value operator limit` holds; null for `door`, `power` and `contact`.',
  }),
  limit: Type.Union([Type.Number(), Type.Null()], { description: 'degC, or % for `battery`.' }),
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
const activationItem = Type.Object({
  pack: Type.String(),
  version: Type.Integer(),
  organisation: Type.String(),
  state: Type.Enum(['active', 'inactive']),
  ...recordedFields,
  validTo: Type.Union([Type.String(), Type.Null()]),
})

/** `rules`: list; `rules/activations`, `rules/deactivations`: decide which packs hold where. */
export function ruleRoutes(app: TypedApp, parts: ApiParts): void {
  ruleList(app, parts)
  decision(app, parts, 'activate')
  decision(app, parts, 'deactivate')
}

function ruleList(app: TypedApp, { access, rulePacks, clock }: ApiParts): void {
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

function decision(app: TypedApp, parts: ApiParts, verb: 'activate' | 'deactivate'): void {
  const { commands, rulePacks } = parts
  const how = verb === 'activate' ? 'Let a version of a rule pack hold' : 'Let it hold no more'
  app.post(
    `/api/v1/rules/${verb === 'activate' ? 'activations' : 'deactivations'}`,
    {
      schema: {
        operationId: `${verb}Rules`,
        summary: `${how} for an organisation and those below it that say nothing themselves`,
        description: 'What was judged since is judged again.',
        tags,
        body: exactly({
          pack: name('Id of the rule pack.'),
          version: Type.Integer({ minimum: 1 }),
          organisation: scopeName,
          from: Type.Optional(timeInput),
          reason,
        }),
        response: { 201: activationItem },
      },
      config: {
        access: {
          right: 'rules:write',
          scope: { kind: 'organisation', in: 'body', field: 'organisation', of: 'organisation' },
        },
      },
    },
    async (request, reply) => {
      const { from, ...given } = request.body
      checkPack(rulePacks, given.pack, given.version)
      const input = { ...given, ...timeFields({ from }) }
      const fact = await commands.command(`rules.${verb}`, callerOf(request).actor, input)
      reply.code(201)
      return activationAnswer(fact)
    },
  )
}

function checkPack(packs: readonly RulePack[], id: string, version: number): void {
  if (packs.some((pack) => pack.id === id && pack.version === version)) return
  throw new Problem('not-found', {
    what: `There is no version ${version} of a rule pack ${id}.`,
    remedy: 'Use one of those that GET /api/v1/rules lists.',
  })
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
    ...boundOf(rule),
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

function activationAnswer(fact: RuleActivationFact) {
  const { pack, version, organisation, state, validTo } = fact
  const until = instantTextOrNull(validTo)
  return { pack, version, organisation, state, ...recorded(fact), validTo: until }
}

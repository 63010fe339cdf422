import { Type } from 'typebox'
import { Problem, type RulePack, ruleProposalItem, ruleProposalStatuses } from '../../domain/index.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, page, pageOf, pageQuery, reason, scopeName, time, timeInput } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

const tags = ['rules']
const proposalItem = Type.Object({
  id: Type.String(),
  pack: Type.String(),
  version: Type.Integer(),
  organisation: Type.String(),
  state: Type.Enum(['active', 'inactive'], { description: 'What is to hold.' }),
  status: Type.Enum([...ruleProposalStatuses], {
    description:
      '`proposed` waits for a second person; `in-force`: an emergency, which waits to be reviewed.',
  }),
  emergency: Type.Boolean(),
  correction: Type.Boolean(),
  from: Type.Union([time, Type.Null()], { description: 'Since when; null: since it is approved.' }),
  proposedBy: Type.String(),
  reason: Type.String({ description: 'Of the last that was said.' }),
  recordedAt: time,
  recordedBy: Type.String({ description: 'Who said it.' }),
})
const inBody = { kind: 'organisation', in: 'body', field: 'organisation', of: 'organisation' } as const

/**
 * `rules/activations`, `rules/deactivations`: propose which packs hold where; `rules/proposals`: what became of it,
 * and the say of a second person.
 */
export function ruleProposalRoutes(app: TypedApp, parts: ApiParts): void {
  proposing(app, parts, 'activate')
  proposing(app, parts, 'deactivate')
  verdict(app, parts, 'approve')
  verdict(app, parts, 'refuse')
  app.get(
    '/api/v1/rules/proposals',
    {
      schema: {
        operationId: 'listRuleProposals',
        summary: 'Proposed changes of rules for organisations within reach, newest first',
        tags,
        querystring: exactly({
          ...pageQuery,
          waiting: Type.Optional(Type.Boolean({ description: 'Only those that wait for somebody.' })),
        }),
        response: { 200: page(proposalItem) },
      },
      config: { access: { right: 'rules:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = query.waiting === undefined ? {} : { waiting: query.waiting }
      return readyBytes(
        reply,
        await parts.queries.query('rule-proposals', { scopes, ...pageOf(query), ...only }),
      )
    },
  )
}

function proposing(app: TypedApp, { commands, rulePacks }: ApiParts, verb: 'activate' | 'deactivate'): void {
  const how = verb === 'activate' ? 'Propose to let a version of a rule pack hold' : 'Propose to end it'
  app.post(
    `/api/v1/rules/${verb === 'activate' ? 'activations' : 'deactivations'}`,
    {
      schema: {
        operationId: `${verb}Rules`,
        summary: `${how} for an organisation and those below it that say nothing themselves`,
        description:
          'It holds when a second person has approved it, an emergency at once. What was judged since is judged again.',
        tags,
        body: exactly({
          pack: name('Id of the rule pack.'),
          version: Type.Integer({ minimum: 1 }),
          organisation: scopeName,
          from: Type.Optional(timeInput),
          correction: Type.Optional(
            Type.Boolean({ description: 'It is to hold since an instant that is past.' }),
          ),
          emergency: Type.Optional(
            Type.Boolean({ description: 'It holds at once, and is reviewed afterwards.' }),
          ),
          reason,
        }),
        response: { 201: proposalItem },
      },
      config: { access: { right: 'rules:write', scope: inBody } },
    },
    async (request, reply) => {
      const { from, ...given } = request.body
      checkPack(rulePacks, given.pack, given.version)
      const state = verb === 'activate' ? ('active' as const) : ('inactive' as const)
      const input = { ...given, state, ...timeFields({ from }) }
      const proposal = await commands.command('rules.propose', callerOf(request).actor, input)
      reply.code(201)
      return ruleProposalItem(proposal)
    },
  )
}

function verdict(app: TypedApp, { commands }: ApiParts, verb: 'approve' | 'refuse'): void {
  app.post(
    `/api/v1/rules/proposals/:proposal/${verb}`,
    {
      schema: {
        operationId: `${verb}Rules`,
        summary:
          verb === 'approve'
            ? 'Let a change hold that somebody else has proposed; of an emergency, say that it was right'
            : 'Refuse a change, or take it back; an emergency holds no longer',
        tags,
        params: exactly({ proposal: name('Id of the proposal.') }),
        body: exactly({ organisation: scopeName, reason }),
        response: { 200: proposalItem },
      },
      config: {
        access: { right: verb === 'approve' ? 'approvals:write' : 'rules:write', scope: inBody },
      },
    },
    async (request) => {
      const { proposal } = request.params
      const input = { ...request.body, proposal }
      return ruleProposalItem(await commands.command(`rules.${verb}`, callerOf(request).actor, input))
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

import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Right, type Role, ROOT_SCOPE, roleRights, roles } from '../../domain/index.ts'
import type { Access } from '../../api/index.ts'
import { callTheStage } from './operations-incidents.ts'
import { furnishTheStage } from './operations-places.ts'
import { operations } from './operations.ts'
import {
  openStage,
  organisations,
  peopleTheStage,
  signIn,
  type Stage,
  type StageOrganisation,
} from './stage.ts'

interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly id: string
  readonly right: Right | null
  readonly scope: Access['scope']
  readonly success: number
}

/** Who asks: `role` on `on`; none for somebody without a grant. */
interface Asker {
  readonly name: string
  readonly kind: 'nobody' | 'user' | 'key'
  readonly role?: Role
  readonly on?: 'city' | typeof ROOT_SCOPE
  headers: InjectOptions['headers']
}

/** What lies within reach of a grant, written down by hand. */
const reach: Readonly<Record<'city' | typeof ROOT_SCOPE, readonly StageOrganisation[]>> = {
  city: ['city', 'clinic'],
  root: ['city', 'clinic', 'other'],
}

/** Operations of people alone, who have to sign in again afterwards. */
const endsSessions: readonly string[] = ['signOut', 'changePassword']

/** What only a person may say. */
const ofPersons: readonly string[] = ['approveRules', 'decideHeld']

/** Addresses that are called otherwise than what they show: the guard asks for its first right, they for the others. */
const thingsShown: Readonly<Record<string, string>> = {
  live: 'readings',
  stock: 'lots',
  actors: 'incidents',
}

/** Operations below the address of one thing that make another: looking at a place is not changing it. */
const thingsMade: Readonly<Record<string, string>> = {
  checkPlace: 'checks',
  getHeldRecord: 'held',
  readmitHeld: 'held',
  decideHeld: 'decisions',
  explainFinding: 'findings',
  approveRules: 'approvals',
}

let stage: Stage
let askers: Asker[]
let described: Operation[]
let count = 0

beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await furnishTheStage(stage)
  await callTheStage(stage)
  askers = [
    { name: 'nobody', kind: 'nobody', headers: {} },
    { name: 'roleless', kind: 'user', headers: (await stage.user('roleless')).headers },
  ]
  for (const role of roles) {
    for (const on of ['city', ROOT_SCOPE] as const) {
      const name = `${role}-on-${on}`
      askers.push({ name, kind: 'user', role, on, headers: (await stage.user(name, on, role)).headers })
      const { secret } = await stage.command('key.create', { name, organisation: on, role })
      const headers = { authorization: `Bearer ${secret}` }
      askers.push({ name: `key-${name}`, kind: 'key', role, on, headers })
    }
  }
  described = operationsIn((await stage.app.inject({ url: '/openapi.json' })).json())
})

afterAll(() => stage.close())

test('every operation of the document has a valid request here, and no other has', () => {
  expect(described.map((each) => each.id).toSorted()).toEqual(Object.keys(operations).toSorted())
})

test('every operation declares the right of its thing: read to look, write to change', () => {
  const wrong = described.filter(({ id, right, scope, path, method }) => {
    if (['public', 'device-credentials', 'signature', 'monitoring', 'signed-in'].includes(scope.kind))
      return right !== null
    const thing = thingsMade[id] ?? path.split('/')[3] ?? ''
    return right !== `${thingsShown[thing] ?? thing}:${method === 'GET' ? 'read' : 'write'}`
  })
  expect(wrong).toEqual([])
})

describe('access follows the declaration', () => {
  test.each(Object.keys(operations))('%s', async (id) => {
    const operation = described.find((each) => each.id === id)
    if (operation === undefined) throw new Error(`${id} is not in the document`)
    const answers: string[] = []
    const right: string[] = []
    for (const asker of askers) {
      for (const target of targetsOf(operation)) {
        const { statusCode, body } = await ask(operation, asker, target)
        const shown = operation.scope.kind === 'list' && statusCode < 400
        const who = `${asker.name}, ${target ?? 'everything'}:`
        answers.push(`${who} ${statusCode}${shown ? ` ${mentioned(body).join(' ')}` : ''}`)
        right.push(`${who} ${expected(operation, asker, target)}`)
      }
      // the last one was signed out
      if (endsSessions.includes(id) && asker.kind === 'user')
        asker.headers = await signIn(stage.app, asker.name)
    }
    expect(answers).toEqual(right)
  })
})

test('handing out roles needs a role that has every right, so nobody hands out more than they have', () => {
  const generous = roles.filter((role) => {
    const handsOut = roleRights[role].includes('users:write') || roleRights[role].includes('keys:write')
    return (
      handsOut && !roles.every((each) => roleRights[each].every((held) => roleRights[role].includes(held)))
    )
  })
  expect(generous).toEqual([])
})

async function ask({ id, method, path }: Operation, asker: Asker, target: string | null) {
  const make = operations[id]
  if (make === undefined) throw new Error(`no request for ${id}`)
  count += 1
  const { url = path, query, payload, headers } = await make(stage, target, `n${count}`)
  return stage.app.inject({
    method,
    url,
    // each from an address of its own: together they sign in more often than one address may
    remoteAddress: `10.0.${Math.floor(count / 250)}.${count % 250}`,
    ...(query === undefined ? {} : { query }),
    ...(payload === undefined ? {} : { payload }),
    headers: { ...asker.headers, ...headers },
  })
}

/** The status, and for lists whose things are shown, that the role table and the declared scope call for. */
function expected(
  { id, right, scope, success }: Operation,
  asker: Asker,
  target: string | null,
): number | string {
  if (['public', 'device-credentials', 'signature'].includes(scope.kind)) return success
  // they all ask from elsewhere, and none has the token; tests/api/metrics.test.ts has those who may
  if (scope.kind === 'monitoring') return 401
  if (asker.kind === 'nobody') return 401
  if (scope.kind === 'signed-in') return endsSessions.includes(id) && asker.kind === 'key' ? 400 : success
  const { role, on } = asker
  if (right === null || role === undefined || on === undefined || !roleRights[role].includes(right))
    return 403
  if (scope.kind === 'anywhere') return success
  if (scope.kind === 'list') return `${success} ${reach[on].join(' ')}`
  const reached =
    target === null ? on === ROOT_SCOPE : reach[on].some((organisation) => organisation === target)
  if (reached) return ofPersons.includes(id) && asker.kind === 'key' ? 403 : success
  const inBody = scope.kind === 'organisation' && scope.in === 'body'
  return target === null || inBody ? 403 : 404
}

function targetsOf({ scope }: Operation): readonly (StageOrganisation | null)[] {
  if (scope.kind !== 'organisation') return [null]
  return scope.absent === undefined ? organisations : [...organisations, null]
}

/** Which organisations' things a list shows: their names begin every id, name or device of the stage. */
function mentioned(body: string): StageOrganisation[] {
  return organisations.filter((organisation) => new RegExp(`"${organisation}(-|")`).test(body))
}

function operationsIn(document: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>
}): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase() as Operation['method'],
      path,
      id: String(operation['operationId']),
      right: operation['x-right'] as Right | null,
      scope: operation['x-scope'] as Access['scope'],
      success: Number(Object.keys(operation['responses'] as object).find((status) => status.startsWith('2'))),
    })),
  )
}

import type { Stage } from './stage.ts'

/** The session cookie of the second person of a stage. */
const cookies = new WeakMap<Stage, string>()

/** Proposes a change of rules since an instant that is past, and lets a second person approve it. */
export async function decideRules(
  stage: Stage,
  verb: 'activations' | 'deactivations',
  change: {
    readonly pack: string
    readonly version: number
    readonly organisation: string
    readonly from: string
  },
): Promise<void> {
  const reason = 'tested'
  const key = { authorization: `Bearer ${stage.key}` }
  const proposal = await post(stage, `rules/${verb}`, { ...change, correction: true, reason }, key)
  const { id } = (await proposal.json()) as { id: string }
  const cookie = cookies.get(stage) ?? (await secondPerson(stage))
  cookies.set(stage, cookie)
  const verdict = { organisation: change.organisation, reason }
  await post(stage, `rules/proposals/${id}/approve`, verdict, { cookie })
}

async function secondPerson(stage: Stage): Promise<string> {
  const words = ['user', 'create', 'second', '--role', 'approver', '--organisation', 'root']
  const made = await stage.folder.json(words)
  const answer = await post(stage, 'login', { username: 'second', password: String(made['password']) }, {})
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

async function post(
  stage: Stage,
  path: string,
  body: object,
  who: Readonly<Record<string, string>>,
): Promise<Response> {
  const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/${path}`, {
    method: 'POST',
    headers: { ...who, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer
}

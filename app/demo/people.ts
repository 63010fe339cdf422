import { type Language, ROOT_SCOPE, type Role } from '../../domain/index.ts'

/**
 * The password of every demo person. It is no secret: it is printed at every start, and a demonstration listens on
 * the loopback address only.
 */
export const DEMO_PASSWORD = 'xicheng-demo'

/** The person to sign in as when one wants to see everything and take part. */
export const DEMO_PERSON = 'demo'

/** Somebody who can sign in. */
export interface DemoPerson {
  readonly name: string
  readonly grants: readonly { readonly organisation: string; readonly role: Role }[]
}

/** One person for each kind of work; the one who sees everything is made last, when all else is there. */
export const persons: readonly DemoPerson[] = [
  { name: 'keeper-dongqiao', grants: granted('dongqiao', 'keeper') },
  { name: 'oncall-logistics', grants: granted('xc-logistics', 'responder') },
  { name: 'quality-cdc', grants: granted('xc-cdc', 'auditor', 'quality') },
  {
    name: 'supervisor-health',
    grants: [...granted('xc-health', 'viewer'), ...granted('xc-cdc', 'viewer')],
  },
  {
    name: 'supervisor-drug',
    grants: [...granted('xc-drug', 'viewer'), ...granted('xc-logistics', 'viewer')],
  },
  { name: DEMO_PERSON, grants: granted(ROOT_SCOPE, 'responder', 'keeper', 'auditor') },
]

function granted(organisation: string, ...roles: readonly Role[]): DemoPerson['grants'] {
  return roles.map((role) => ({ organisation, role }))
}

/** Somebody who is called; all of them on the console, so that nothing leaves the machine. */
export interface DemoRecipient {
  readonly name: string
  readonly language: Language
}

/** Who is called for a place where nobody is named below. */
const onDuty: readonly DemoRecipient[] = [{ name: '值班员', language: 'zh' }]

const called: Readonly<Record<string, readonly DemoRecipient[]>> = {
  'depot-room-b': [
    { name: '陈（值班员）', language: 'zh' },
    { name: '吴（库管）', language: 'zh' },
    { name: 'Lin (quality)', language: 'en' },
  ],
}

/** Who is called for a place. */
export function recipientsOf(place: string): readonly DemoRecipient[] {
  return called[place] ?? onDuty
}

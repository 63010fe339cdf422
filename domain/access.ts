/** What somebody may do, as `<thing>:<verb>`. Every route and command names exactly one. */
export const rights = [
  'organisations:read',
  'organisations:write',
  'sites:read',
  'sites:write',
  'devices:read',
  'devices:write',
  'sensors:read',
  'places:read',
  'places:write',
  'points:read',
  'points:write',
  'placements:read',
  'placements:write',
  'duties:read',
  'duties:write',
  'checks:read',
  'checks:write',
  'products:write',
  'lots:read',
  'lots:write',
  'supervisions:read',
  'supervisions:write',
  'readings:read',
  'findings:read',
  'incidents:read',
  'incidents:write',
  'recipients:read',
  'recipients:write',
  'reports:read',
  'rules:read',
  'rules:write',
  'approvals:write',
  'held:read',
  'held:write',
  'decisions:write',
  'refusals:read',
  'users:read',
  'users:write',
  'keys:read',
  'keys:write',
  'audit:read',
] as const
/** One right; see `rights`. */
export type Right = (typeof rights)[number]

/** Roles there is a use for so far (design section 9 names the others). */
export const roles = [
  'viewer',
  'keeper',
  'responder',
  'quality',
  'auditor',
  'approver',
  'administrator',
] as const
/** One role; see `roles`. */
export type Role = (typeof roles)[number]

const viewer: readonly Right[] = [
  'organisations:read',
  'sites:read',
  'devices:read',
  'sensors:read',
  'places:read',
  'points:read',
  'placements:read',
  'duties:read',
  'checks:read',
  'lots:read',
  'supervisions:read',
  'readings:read',
  'findings:read',
  'incidents:read',
  'reports:read',
  'rules:read',
]
/** Is called, and takes incidents; sees who else is; looks at places. */
const responder: readonly Right[] = [...viewer, 'incidents:write', 'recipients:read', 'checks:write']
const keeper: readonly Right[] = [
  ...viewer,
  'devices:write',
  'held:read',
  'held:write',
  'placements:write',
  'duties:write',
  'checks:write',
  'lots:write',
]
/** Says which of two readings is true; apart from keepers, who answer for what was measured. */
const quality: readonly Right[] = [...viewer, 'held:read', 'decisions:write']
const auditor: readonly Right[] = [...viewer, 'held:read', 'audit:read']
/** Proposes rules and approves those of others, never their own. */
const approver: readonly Right[] = [...viewer, 'rules:write', 'approvals:write']

/** The rights each role carries on the organisation it is granted on and everything below it. */
export const roleRights: Readonly<Record<Role, readonly Right[]>> = {
  viewer,
  keeper,
  responder,
  quality,
  auditor,
  approver,
  administrator: rights,
}

/** What an organisation is in the supervised chain. */
export const organisationKinds = [
  'health-regulator',
  'drug-regulator',
  'cdc',
  'clinic',
  'distributor',
  'maker',
] as const
/** One kind of organisation; see `organisationKinds`. */
export type OrganisationKind = (typeof organisationKinds)[number]

/** What a place (storage unit) is. A vehicle and a box travel, everything else stands where its site is. */
export const placeKinds = [
  'cold-room',
  'freezer-room',
  'refrigerator',
  'ice-lined-refrigerator',
  'freezer',
  'ultra-low-freezer',
  'store-room',
  'vehicle',
  'box',
  'compartment',
] as const
/** One kind of place; see `placeKinds`. */
export type PlaceKind = (typeof placeKinds)[number]

/** What a place is doing; which rules are judged depends on it (design section 4). */
export const duties = [
  'in-service',
  'empty',
  'pre-cooling',
  'loading',
  'on-trip',
  'defrost',
  'maintenance',
  'retired',
] as const
/** One duty; see `duties`. */
export type Duty = (typeof duties)[number]

/**
 * The duty of a place while nobody has said otherwise: what stands in a building is in service, because it is
 * wrong to leave stock unjudged; what travels is empty, because it is parked most of its days and switched off.
 */
export function defaultDuty(kind: PlaceKind): Duty {
  return kind === 'vehicle' || kind === 'box' ? 'empty' : 'in-service'
}

/** What a point measures. `product` and `air` are judged, `ambient` and `evaporator` explain. */
export const pointRoles = ['product', 'air', 'ambient', 'evaporator'] as const
/** One role of a point; see `pointRoles`. */
export type PointRole = (typeof pointRoles)[number]

/** True when temperature rules are judged at points of this role. */
export function isJudgedRole(role: PointRole): boolean {
  return role === 'product' || role === 'air'
}

/** How a placement counts: the one `judged` placement of a point at an instant, or `secondary`: stored only. */
export const standings = ['judged', 'secondary'] as const
/** One standing; see `standings`. */
export type Standing = (typeof standings)[number]

/** Kinds of organisation that may supervise others across the tree. */
export const regulatorKinds = ['health-regulator', 'drug-regulator'] as const

import {
  type CustodyFact,
  type DutyFact,
  type FactColumns,
  instantTextOrNull,
  type LotFact,
  type PlaceCheckFact,
  type PlaceFact,
  type PlacementFact,
  type PointFact,
  type ProductFact,
  type SupervisesFact,
} from '../domain/index.ts'
import { isDemo, recorded } from './answers.ts'
import type { AccessFacts } from './ports.ts'
import type {
  CheckItem,
  CustodyItem,
  DutyItem,
  LotItem,
  PlaceItem,
  PlacementItem,
  PointItem,
  ProductItem,
  SupervisionItem,
} from './schemas-places.ts'

// One thing is answered in the shape the lists show it in; tests hold the two together.

/** A place as answered. */
export function placeAnswer(facts: AccessFacts, fact: PlaceFact): PlaceItem {
  const { id, site, parent, kind, name, nameEn, capacityLitres, state } = fact
  const organisation = facts.site(site)?.organisation ?? ''
  const whose = { organisation, demo: isDemo(facts, organisation) }
  return { id, site, parent, kind, name, nameEn, capacityLitres, state, ...whose, ...recorded(fact) }
}

/** A point as answered. */
export function pointAnswer(facts: AccessFacts, fact: PointFact): PointItem {
  const { id, place, name, nameEn, role } = fact
  const site = siteOf(facts, place)
  const demo = isDemo(facts, facts.site(site)?.organisation ?? '')
  return { id, place, site, name, nameEn, role, demo, ...recorded(fact) }
}

/** A placement as answered. */
export function placementAnswer(facts: AccessFacts, fact: PlacementFact): PlacementItem {
  const { device, sensor, point, standing } = fact
  const place = facts.point(point)?.place ?? ''
  return { device, sensor, point, place, site: siteOf(facts, place), standing, ...period(fact) }
}

/** A duty as answered. */
export function dutyAnswer(facts: AccessFacts, fact: DutyFact): DutyItem {
  const { place, duty } = fact
  return { place, site: siteOf(facts, place), duty, ...period(fact) }
}

/** A check as answered. */
export function checkAnswer(facts: AccessFacts, fact: PlaceCheckFact): CheckItem {
  const { id, place, reason: note } = fact
  const { validFrom: at, ...told } = recorded(fact)
  const claimedAt = at === told.recordedAt ? null : at
  return { id, place, site: siteOf(facts, place), at, claimedAt, note, ...told }
}

/** A product as answered. */
export function productAnswer(fact: ProductFact): ProductItem {
  const { id, name, nameEn, code, activationJoulesPerMol } = fact
  return {
    id,
    name,
    nameEn,
    code,
    rangeMin: fact.rangeMinMilliC / 1_000,
    rangeMax: fact.rangeMaxMilliC / 1_000,
    freezeSensitive: fact.freezeSensitive === 1,
    lightSensitive: fact.lightSensitive === 1,
    activationEnergy: activationJoulesPerMol === null ? null : activationJoulesPerMol / 1_000,
    ...recorded(fact),
  }
}

/** A lot as answered. */
export function lotAnswer(fact: LotFact): LotItem {
  const { id, product, number, maker, expiresOn } = fact
  return { id, product, number, maker, expiresOn, ...recorded(fact) }
}

/** Stock in place as answered. */
export function custodyAnswer(facts: AccessFacts, fact: CustodyFact): CustodyItem {
  const { lot, place, quantity } = fact
  return { lot, place, site: siteOf(facts, place), quantity, ...period(fact) }
}

/** A supervision as answered. */
export function supervisionAnswer(fact: SupervisesFact): SupervisionItem {
  const { supervisor, supervised, state } = fact
  return { supervisor, supervised, state, ...period(fact) }
}

function siteOf(facts: AccessFacts, place: string): string {
  return facts.place(place)?.site ?? ''
}

function period(fact: FactColumns) {
  return { ...recorded(fact), validTo: instantTextOrNull(fact.validTo) }
}

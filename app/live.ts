import { type LiveChange, LiveHub, type LiveThing, type LiveWhere } from '../api/index.ts'
import { whereaboutsOf } from '../batches/index.ts'
import {
  type Clock,
  type FactChange,
  type IncidentFact,
  instantText,
  type Log,
  type PlaceCheckFact,
  ROOT_SCOPE,
  sensorPath,
} from '../domain/index.ts'
import {
  checkItem,
  type FactsView,
  incidentItem,
  type JudgedFinding,
  type LatestRow,
} from '../store/index.ts'
import type { CoreClient } from './core-client.ts'
import { findingAnswer } from './finding-answers.ts'
import type { LivePiece, ToldFindingChange } from './link/protocol.ts'
import { probeFaultOf } from './probe-faults.ts'

/** The core as the live stream uses it. */
type LiveCore = Pick<CoreClient, 'followLive' | 'watchLive' | 'forwardFacts' | 'connected'>

/** Opens the hub of the live stream and keeps it current: with what the core tells, and with the facts in `view`. */
export function startLive(parts: {
  readonly client: LiveCore
  readonly view: FactsView
  readonly clock: Clock
  readonly log: Log
}): LiveHub {
  const { client, view } = parts
  const hub = new LiveHub({
    ...parts,
    facts: view,
    following: () => client.connected && newest.isWhole,
    onWatched: (isWatched) => {
      client.watchLive(isWatched)
    },
  })
  const newest = new Newest(hub, view)
  client.forwardFacts({
    load: () => {
      newest.onAllFacts()
      hub.recheck()
    },
    apply: (change) => {
      newest.onFacts(change)
      if (change.rows.some(({ table }) => accessTables.has(table))) hub.recheck()
    },
  })
  client.followLive((piece) => {
    newest.take(piece)
  })
  return hub
}

/** Facts that decide who may see what. */
const accessTables: ReadonlySet<FactChange['rows'][number]['table']> = new Set([
  'session',
  'user',
  'grant',
  'key',
  'organisation',
  'site',
  'place',
])

/** What the core has told: the newest row of every sensor, and the open findings. */
class Told {
  /** By device, then by sensor: a change of a device touches all of its sensors. */
  readonly rows = new Map<string, Map<string, LatestRow>>()
  readonly findings = new Map<string, JudgedFinding>()

  putRow(row: LatestRow): void {
    const { device, sensor } = row
    const sensors = this.rows.get(device)
    if (sensors === undefined) this.rows.set(device, new Map([[sensor, row]]))
    else sensors.set(sensor, row)
  }

  putChange({ judged, stands, replaces }: ToldFindingChange): void {
    const { finding } = judged
    for (const id of replaces) this.findings.delete(id)
    if (stands && finding.open) this.findings.set(finding.id, judged)
    else this.findings.delete(finding.id)
  }
}

/** Keeps what the core tells, and shows it in the hub where the facts say it belongs. */
class Newest {
  readonly #hub: LiveHub
  readonly #view: FactsView
  #told = new Told()
  /** From a `begin` to its `end`, what has come so far; what was there before is shown until then. */
  #coming: Map<string, LiveThing> | undefined = new Map()

  constructor(hub: LiveHub, view: FactsView) {
    this.#hub = hub
    this.#view = view
  }

  /** False while the core is telling everything. */
  get isWhole(): boolean {
    return this.#coming === undefined
  }

  take(piece: LivePiece): void {
    if (piece.part === 'begin') {
      this.#told = new Told()
      this.#coming = new Map()
    } else if (piece.part === 'end') {
      const things = [...(this.#coming?.values() ?? []), ...this.#incidents(), ...this.#checks()]
      this.#coming = undefined
      this.#hub.renew(things)
    } else if (piece.part === 'readings') {
      for (const row of piece.rows) this.#told.putRow(row)
      this.#show(piece.rows.map((row) => ({ kind: 'set', ...this.#reading(row) })))
    } else if (piece.part === 'findings') {
      for (const judged of piece.open) this.#told.findings.set(judged.finding.id, judged)
      this.#show(piece.open.map((judged) => ({ kind: 'set', ...this.#finding(judged) })))
    } else {
      for (const change of piece.changes) this.#told.putChange(change)
      this.#show(piece.changes.flatMap((change) => this.#findingChanges(change)))
    }
  }

  /** All facts may be others: what now belongs elsewhere is shown there. */
  onAllFacts(): void {
    const rows = [...this.#told.rows.values()].flatMap((sensors) => [...sensors.values()])
    const findings = [...this.#told.findings.values()].map((judged) => this.#finding(judged))
    const ofFacts = [...this.#incidents(), ...this.#checks()]
    const things = [...rows.map((row) => this.#reading(row)), ...findings, ...ofFacts]
    this.#show(things.map((thing) => ({ kind: 'set', ...thing })))
  }

  /**
   * Corrections of placements move values, a device's interval tells how old a value may be, and incidents and checks
   * are facts themselves.
   */
  onFacts(change: FactChange): void {
    const moved = change.rows.flatMap((fed): readonly (LatestRow | undefined)[] => {
      if (fed.table === 'placement') return [this.#told.rows.get(fed.row.device)?.get(fed.row.sensor)]
      return fed.table === 'device' ? [...(this.#told.rows.get(fed.row.id)?.values() ?? [])] : []
    })
    const rows = moved.filter((row) => row !== undefined)
    const ofFacts = change.rows.flatMap((fed): readonly LiveChange[] => {
      // what is entered of the past is not the newest
      if (fed.table === 'place_check') return this.#checkOf(fed.row.place)
      if (fed.table !== 'incident') return []
      return [{ kind: fed.row.state === 'resolved' ? 'over' : 'set', ...this.#incident(fed.row) }]
    })
    this.#show([...rows.map((row): LiveChange => ({ kind: 'set', ...this.#reading(row) })), ...ofFacts])
  }

  #incidents(): readonly LiveThing[] {
    return this.#view.unresolvedIncidents().map((incident) => this.#incident(incident))
  }

  #incident(incident: IncidentFact): LiveThing {
    const where = this.#whereOf(incident.place)
    const json = JSON.stringify({ ...incidentItem(incident), site: where.site })
    return { section: 'incidents', id: incident.id, where, json }
  }

  #checks(): readonly LiveThing[] {
    return this.#view.lastChecks().map((check) => this.#check(check))
  }

  #checkOf(place: string): readonly LiveChange[] {
    const last = this.#view.lastCheckOf(place)
    return last === undefined ? [] : [{ kind: 'set', ...this.#check(last) }]
  }

  #check(check: PlaceCheckFact): LiveThing {
    const where = this.#whereOf(check.place)
    return { section: 'checks', id: check.place, where, json: JSON.stringify(checkItem(check, where.site)) }
  }

  #show(changes: readonly LiveChange[]): void {
    if (this.#coming === undefined) {
      this.#hub.apply(changes)
      return
    }
    for (const change of changes) {
      if (change.kind === 'set') this.#coming.set(`${change.section} ${change.id}`, change)
      else this.#coming.delete(`${change.section} ${change.id}`)
    }
  }

  #reading(row: LatestRow): LiveThing {
    const { device, sensor, tMs, receivedAtMs, values } = row
    const view = this.#view
    const placed = whereaboutsOf(view, device, sensor, tMs)
    const own = view.device(device)
    const site = placed?.site ?? own?.site ?? null
    const where = { organisation: this.#organisationOf(site), site, place: placed?.place ?? null }
    const id = sensorPath(device, sensor)
    const json = JSON.stringify({
      site,
      place: where.place,
      point: placed?.point ?? null,
      standing: placed?.standing ?? null,
      sensor: id,
      t: instantText(tMs),
      receivedAt: instantText(receivedAtMs),
      temperature: thousandth(values.temperatureMilliC),
      humidity: thousandth(values.humidityMilliPct),
      battery: thousandth(values.batteryMilliPct),
      doorOpen: values.doorOpen,
      mainsPower: values.mainsPower,
      expectedIntervalSeconds: own === undefined ? null : own.expectedInterval / 1_000,
      ...probeFaultOf(view, row),
    })
    return { section: 'points', id, where, json }
  }

  #finding(judged: JudgedFinding): LiveThing {
    const json = JSON.stringify(findingAnswer(judged))
    return { section: 'findings', id: judged.finding.id, where: this.#whereOf(judged.finding.place), json }
  }

  #findingChanges({ kind, judged, stands, replaces }: ToldFindingChange): readonly LiveChange[] {
    const thing = this.#finding(judged)
    const told = JSON.stringify({ ...findingAnswer(judged), change: kind, replaces })
    const change: LiveChange =
      stands && judged.finding.open ? { kind: 'set', ...thing, told } : { kind: 'over', ...thing, json: told }
    return [...replaces.map((id): LiveChange => ({ kind: 'gone', section: 'findings', id })), change]
  }

  #whereOf(place: string): LiveWhere {
    const site = this.#view.place(place)?.site ?? null
    return { organisation: this.#organisationOf(site), site, place }
  }

  /** What is of no organisation that is known is for those alone who reach everything. */
  #organisationOf(site: string | null): string {
    return (site === null ? undefined : this.#view.site(site)?.organisation) ?? ROOT_SCOPE
  }
}

function thousandth(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value / 1_000
}

import type { Excursion, TemperatureRule } from '../../domain/index.ts'
import type {
  ConditionRow,
  AffectedLot,
  ExcursionReport,
  ReportIncident,
  ReportLot,
  ReportRow,
} from '../../reports/index.ts'

/** 2026-11-23T00:00:00Z, 08:00 in Shanghai. */
export const T0 = Date.UTC(2026, 10, 23)
export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

const site = { id: 'depot', name: '市疾控中心疫苗库', nameEn: 'City vaccine store', zone: 'Asia/Shanghai' }
const place = { id: 'fridge', name: '一号冰箱', nameEn: 'Fridge 1' }
const point = { id: 'fridge-top', name: '上层', nameEn: null }

export const rule: TemperatureRule = {
  id: 'cn-gsp-storage/cold-range',
  quantity: 'temperature',
  operator: '<',
  limitMilliC: 2_000,
  level: 'range',
  mode: { kind: 'continuous', durationMs: 10 * HOUR_MS },
  gapPolicy: 'pause',
  roles: ['product', 'air'],
  duties: ['in-service'],
  severity: 'alarm',
  clause: 'Art. 6, "the required range"',
  source: 'a repost',
  confidence: 'seen',
}

export const finding: Excursion = {
  id: '00000000000012e5',
  point: 'fridge-top',
  place: 'fridge',
  rule: rule.id,
  packVersion: 1,
  level: 'range',
  kind: 'excursion',
  direction: 'cold',
  state: 'confirmed',
  open: false,
  startMs: T0 + HOUR_MS,
  alarmMs: T0 + 11 * HOUR_MS,
  endMs: T0 + 27 * HOUR_MS + 5_000,
  endReason: 'recovered',
  peakMilliC: -512,
  peakMs: T0 + 3 * HOUR_MS,
  observedMs: 26 * HOUR_MS + 3 * MINUTE_MS + 10_000,
  worstCaseMs: 27 * HOUR_MS + 250,
  bridged: true,
  readings: 313,
  confirmedBySingleReading: false,
}

export const lot: ReportLot = {
  id: 'hepb-1',
  number: '0012',
  product: { id: 'hepb', name: '重组乙型肝炎疫苗', nameEn: 'Hepatitis B vaccine' },
  maker: '=cmd|calc!A1',
}

export const stay: AffectedLot = {
  lot,
  place,
  quantity: 240,
  fromMs: T0 + 2 * HOUR_MS,
  toMs: null,
}

export const incident: ReportIncident = {
  id: 'i-7',
  state: 'resolved',
  raisedMs: T0 + 11 * HOUR_MS,
  seenLate: false,
  acknowledged: { by: '李雷', atMs: T0 + 11 * HOUR_MS + 4 * MINUTE_MS },
  resolved: { by: '韩梅梅', atMs: T0 + 28 * HOUR_MS, resolution: 'by-hand', reason: '换了温控器\n@已复测' },
  told: [
    {
      recipient: '李雷',
      channel: 'http',
      kind: 'incident-raised',
      grade: 'alarm',
      atMs: T0 + 11 * HOUR_MS,
      sentMs: T0 + 11 * HOUR_MS + 2_000,
      deliveredMs: T0 + 11 * HOUR_MS + 9_000,
      state: 'delivered',
    },
    {
      recipient: '韩梅梅',
      channel: 'mail',
      kind: 'incident-worse',
      grade: 'alarm',
      atMs: T0 + 12 * HOUR_MS,
      sentMs: null,
      deliveredMs: null,
      state: 'failed',
    },
  ],
}

export const row: ReportRow = { finding, site, place, point, rule, lots: [stay], incident, label: null }

/** An hour without a temperature. */
export const silentRow: ConditionRow = {
  finding: {
    kind: 'silence',
    id: '00000000000012e6',
    point: 'fridge-top',
    place: 'fridge',
    rule: 'isotherm-watch/silent',
    packVersion: 1,
    level: 'critical',
    state: 'confirmed',
    open: false,
    startMs: T0 + HOUR_MS,
    alarmMs: T0 + 1.5 * HOUR_MS,
    endMs: T0 + 2 * HOUR_MS,
    endReason: 'recovered',
    observedMs: HOUR_MS,
    worstCaseMs: HOUR_MS,
  },
  site,
  place,
  point,
  rule: {
    id: 'isotherm-watch/silent',
    quantity: 'contact',
    level: 'critical',
    mode: { kind: 'silence', durationMs: HOUR_MS / 2 },
    roles: ['product', 'air'],
    duties: ['in-service'],
    severity: 'warning',
    clause: 'docs/engine.md, "Silence"',
    source: 'Isotherm',
    confidence: 'seen',
  },
  lots: [],
  incident: null,
}

/** Temperatures that were recorded too far apart. */
export const sparseRow: ConditionRow = {
  ...silentRow,
  finding: {
    ...silentRow.finding,
    id: '00000000000012e7',
    kind: 'cadence',
    rule: 'cn-gsp-cadence/every-30-min',
    state: 'confirmed',
    alarmMs: T0 + 1.5 * HOUR_MS,
    intervals: 3,
    longestMs: HOUR_MS / 2 + 250,
  },
}

/** A report of one excursion; what is given replaces its members. */
export function sampleReport(given: Partial<ExcursionReport> = {}): ExcursionReport {
  return {
    subject: { by: 'place', place, site, measuredIn: place },
    demo: false,
    fromMs: T0,
    toMs: T0 + 48 * HOUR_MS,
    zone: 'Asia/Shanghai',
    generatedMs: T0 + 48 * HOUR_MS,
    factVersion: 42,
    by: { actor: 'user:u-1', name: '王芳' },
    softwareVersion: '0.1.0',
    packs: [{ id: 'cn-gsp-storage', version: 1, title: { zh: '药品经营质量管理规范', en: 'GSP' } }],
    rows: [row],
    conditions: [],
    completeness: {
      pieces: [
        {
          place,
          point,
          device: 'd-1',
          sensor: 'main',
          fromMs: T0,
          toMs: T0 + 48 * HOUR_MS,
          intervalMs: 5 * MINUTE_MS,
          expected: 576,
          missing: 12,
          stored: 570,
          late: 9,
          duplicate: 3,
          unknownMs: 45 * MINUTE_MS,
        },
        {
          place,
          point: { id: 'fridge-low', name: '下层', nameEn: 'bottom' },
          device: null,
          sensor: null,
          fromMs: T0,
          toMs: T0 + HOUR_MS,
          intervalMs: null,
          expected: 0,
          missing: 0,
          stored: 0,
          late: 0,
          duplicate: 0,
          unknownMs: HOUR_MS,
        },
      ],
      held: [{ device: 'd-1', sensor: null, reason: 'malformed-json', count: 2 }],
    },
    ...given,
  }
}

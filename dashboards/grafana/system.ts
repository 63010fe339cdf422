import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common'
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { colours, PLAIN } from './colours.ts'
import { NONE_IS_GOOD } from './counts.ts'
import { dashboardOf } from './dashboard.ts'
import type { Step } from './limits.ts'
import { upMappings } from './mappings.ts'
import { type AnyPanel, lines, stat } from './panels.ts'
import { PROMETHEUS, promNow, promQuery, type Query } from './sources.ts'
import { prometheusVariables } from './variables.ts'
import { dictionary, type Language, type PanelWords, type Words } from './words.ts'

/** What a series is called says it all. */
const nameOnly = BigValueTextMode.Name

/** The process chosen. */
const OF = 'job="isotherm",instance=~"$instance"'

/** Of a metric, the series of the process chosen. */
function of(metric: string, more = ''): string {
  return `${metric}{${OF}${more}}`
}

function perSecond(metric: string): string {
  return `rate(${of(metric)}[$__rate_interval])`
}

/** Isotherm itself: whether it takes, judges, calls and stores. */
export function systemDashboard(language: Language): Dashboard {
  const words = dictionary[language]
  const { system } = words
  return dashboardOf({
    name: 'system',
    language,
    words: system,
    from: 'now-6h',
    variables: prometheusVariables(words),
    annotations: [],
    panels: [
      new RowBuilder(system.rowNow).id(100),
      ...now(words),
      new RowBuilder(system.rowRoad).id(101),
      ...road(words),
      new RowBuilder(system.rowWork).id(102),
      ...work(words),
      new RowBuilder(system.rowMachine).id(103),
      ...machine(words),
    ],
  })
}

function now(words: Words): readonly AnyPanel[] {
  const { system, empty } = words
  const number = (
    id: number,
    said: PanelWords,
    unit: string,
    query: Query,
    steps: readonly Step[],
    why = empty.metrics,
  ) =>
    stat({ id, words: said, size: [3, 4], unit, empty: why, source: PROMETHEUS, queries: [query] }, { steps })
  const isUp = (id: number, said: PanelWords, metric: string, why = empty.metrics) => {
    const steps = [{ value: null, color: PLAIN }]
    const query = promNow('A', `min(${of(metric)})`, metric)
    return number(id, said, 'none', query, steps, why).mappings(upMappings(words))
  }
  const journal = promNow('A', `max by (state) (${of('isotherm_journal_state')}) == 1`, '{{state}}')
  const expires = `min(${of('isotherm_certificate_expires_timestamp_seconds')} - time())`
  const free = `min(${of('isotherm_disk_free_bytes')})`
  const week = [
    { value: null, color: colours.warm },
    { value: 7 * 86_400, color: PLAIN },
  ]
  return [
    isUp(1, system.up, 'up'),
    isUp(2, system.core, 'isotherm_core_connected'),
    number(3, system.journal, 'none', journal, [{ value: null, color: PLAIN }]).textMode(nameOnly),
    isUp(4, system.influx, 'isotherm_influx_up', empty.influx),
    number(
      5,
      system.balance,
      'short',
      promNow('A', `max(${of('isotherm_balance_mismatches')})`, ''),
      NONE_IS_GOOD,
    ),
    isUp(6, system.clock, 'isotherm_clock_synchronised', empty.clock),
    number(7, system.certificate, 's', promNow('A', expires, ''), week, empty.certificate),
    number(8, system.disk, 'bytes', promNow('A', free, ''), [{ value: null, color: PLAIN }]),
  ]
}

/** One chart over time, three beside each other. */
function chart(
  words: Words,
  id: number,
  said: PanelWords,
  unit: string,
  queries: readonly Query[],
  empty = words.empty.metrics,
) {
  return lines({ id, words: said, size: [8, 7], unit, empty, source: PROMETHEUS, queries }).min(0)
}

function road(words: Words): readonly AnyPanel[] {
  const { system } = words
  const sync = (q: string) =>
    `histogram_quantile(${q}, sum by (le) (${perSecond('isotherm_journal_sync_seconds_bucket')}))`
  const waiting = `sum(${of('isotherm_journal_waiting_records')})`
  return [
    chart(words, 10, system.records, 'cps', [
      promQuery('A', `sum(${perSecond('isotherm_journal_records_total')})`, system.records.title),
    ]),
    chart(words, 11, system.sync, 's', [
      promQuery('A', sync('0.5'), '50 %'),
      promQuery('B', sync('0.99'), '99 %'),
    ]),
    chart(words, 12, system.waiting, 'short', [promQuery('A', waiting, system.waiting.title)]),
    chart(words, 13, system.connections, 'short', [
      promQuery('A', `sum(${of('isotherm_gateway_connections')})`, system.connections.title),
    ]),
    chart(
      words,
      14,
      system.refusals,
      'cps',
      [promQuery('A', `sum by (reason) (${perSecond('isotherm_gateway_refusals_total')}) > 0`, '{{reason}}')],
      words.empty.refusals,
    ),
    chart(words, 15, system.held, 'short', [
      promQuery('A', `max by (reason) (${of('isotherm_held_readings')})`, '{{reason}}'),
    ]),
    chart(words, 16, system.behind, 'short', [
      promQuery('A', `max by (consumer) (${of('isotherm_consumer_behind')})`, '{{consumer}}'),
    ]),
    chart(words, 17, system.age, 's', [
      promQuery('A', `max by (consumer) (${of('isotherm_consumer_oldest_age_seconds')})`, '{{consumer}}'),
    ]),
    chart(words, 18, system.messages, 'short', [
      promQuery('A', `max by (part) (${of('isotherm_balance_messages')})`, '{{part}}'),
    ]),
  ]
}

function work(words: Words): readonly AnyPanel[] {
  const { system } = words
  const now = (metric: string, label: string) =>
    promQuery('A', `max by (${label}) (${of(metric)})`, `{{${label}}}`)
  const one = (metric: string, legend: string, refId = 'A') => promQuery(refId, `max(${of(metric)})`, legend)
  return [
    chart(words, 20, system.judge, 'short', [one('isotherm_judge_points_waiting', system.judge.title)]),
    chart(words, 21, system.judged, 'cps', [
      promQuery('A', `sum(${perSecond('isotherm_judge_points_total')})`, system.judged.title),
    ]),
    chart(words, 22, system.findings, 'short', [now('isotherm_findings_open', 'kind')]),
    chart(words, 23, system.incidents, 'short', [now('isotherm_incidents', 'state')]),
    chart(words, 24, system.sent, 'short', [now('isotherm_messages', 'state')]),
    chart(words, 25, system.outbox, 's', [one('isotherm_outbox_oldest_age_seconds', system.outbox.title)]),
    chart(words, 26, system.noRecipients, 'short', [
      one('isotherm_incidents_without_recipients', system.noRecipients.title),
    ]),
    chart(words, 27, system.faults, 'short', [one('isotherm_sensors_at_fault', system.faults.title)]),
    chart(words, 28, system.live, 'short', [
      one('isotherm_live_clients', 'clients'),
      promQuery('B', `sum(${perSecond('isotherm_live_dropped_total')})`, 'dropped/s'),
    ]),
  ]
}

function machine(words: Words): readonly AnyPanel[] {
  const { system } = words
  const one = (refId: string, metric: string, legend: string) =>
    promQuery(refId, `max(${of(metric)})`, legend)
  const late = `max by (thread) (${of('isotherm_event_loop_delay_seconds', ',statistic="p99"')})`
  return [
    chart(
      words,
      30,
      system.influxPoints,
      'cps',
      [
        promQuery('A', `sum by (verdict) (${perSecond('isotherm_influx_points_total')})`, '{{verdict}}'),
        promQuery('B', `sum by (verdict) (${perSecond('isotherm_influx_failures_total')})`, '{{verdict}}'),
      ],
      words.empty.influx,
    ),
    chart(
      words,
      31,
      system.influxTrouble,
      'short',
      [
        one('A', 'isotherm_influx_held_points', 'held'),
        one('B', 'isotherm_influx_count_difference', 'difference'),
      ],
      words.empty.influx,
    ),
    chart(words, 32, system.stores, 'bytes', [
      promQuery('A', `max by (store) (${of('isotherm_store_bytes')})`, '{{store}}'),
    ]),
    chart(words, 33, system.space, 'bytes', [
      one('A', 'isotherm_disk_free_bytes', 'free'),
      one('B', 'isotherm_disk_size_bytes', 'size'),
      one('C', 'isotherm_disk_reserve_bytes', 'reserve'),
    ]),
    chart(words, 34, system.loop, 's', [promQuery('A', late, '{{thread}}')]),
    chart(words, 35, system.memory, 'bytes', [
      promQuery('A', of('process_resident_memory_bytes'), '{{instance}}'),
    ]),
    chart(words, 36, system.cpu, 'percentunit', [
      promQuery('A', perSecond('process_cpu_seconds_total'), '{{instance}}'),
    ]),
    chart(words, 37, system.trouble, 'short', [
      one('A', 'isotherm_audit_trouble', 'audit'),
      promQuery('B', `sum by (thread) (increase(${of('isotherm_thread_restarts_total')}[1h]))`, '{{thread}}'),
      promQuery('C', `sum(increase(${of('isotherm_clock_steps_total')}[1h]))`, 'clock'),
    ]),
    version(words),
  ]
}

function version(words: Words): AnyPanel {
  const said = { title: words.columns.version, description: words.system.description }
  const queries = [promNow('A', `max by (version) (${of('isotherm_build_info')})`, '{{version}}')]
  const rest = { unit: 'none', empty: words.empty.metrics, source: PROMETHEUS, queries }
  return stat({ id: 38, words: said, size: [8, 7], ...rest }).textMode(nameOnly)
}

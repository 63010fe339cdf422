/** What a metric is: see the exposition format of Prometheus. */
export interface MetricDefinition {
  readonly type: 'gauge' | 'counter' | 'histogram' | 'summary'
  readonly help: string
  readonly labels: readonly string[]
  /** Which part of the system tells it; see docs/metrics.md. */
  readonly of: MetricPart
}

/** `process`: any that serves HTTP. `gateway`, `api`: those that have the part. `core`: told through the api. */
export type MetricPart = 'process' | 'gateway' | 'api' | 'core'

function define<
  const D extends Readonly<Record<string, readonly [MetricDefinition['type'], string, ...string[]]>>,
>(of: MetricPart, defined: D): { readonly [N in keyof D]: MetricDefinition } {
  const entries = Object.entries(defined).map(([name, [type, help, ...labels]]) => [
    name,
    { type, help, labels, of },
  ])
  return Object.fromEntries(entries) as { readonly [N in keyof D]: MetricDefinition }
}

/** Every metric of our own, once; docs/metrics.md is held to it. Units are those of Prometheus: seconds and bytes. */
export const metricDefinitions = {
  ...define('process', {
    isotherm_build_info: ['gauge', 'Always 1; the version of Isotherm is its label.', 'version'],
    isotherm_core_connected: ['gauge', '1 while this process has its core.'],
    isotherm_event_loop_delay_seconds: [
      'gauge',
      'How much later than asked a timer came in the last half minute or so.',
      'thread',
      'statistic',
    ],
    isotherm_certificate_expires_timestamp_seconds: ['gauge', 'When the TLS certificate ends, Unix time.'],
    isotherm_certificate_usable: [
      'gauge',
      '1 while certificates can be used, 0 where the doctor calls them bad.',
    ],
  }),
  ...define('gateway', {
    isotherm_journal_records_total: ['counter', 'Durable records of the log readings, since its first.'],
    isotherm_journal_sync_seconds: ['histogram', 'How long a write with its sync took.'],
    isotherm_journal_waiting_records: ['gauge', 'Messages that are taken and not yet durable.'],
    isotherm_journal_waiting_bytes: ['gauge', 'Their bytes.'],
    isotherm_journal_state: ['gauge', '1 for the state the journal is in.', 'state'],
    isotherm_gateway_connections: ['gauge', 'MQTT connections that have signed in or may still do so.'],
    isotherm_gateway_acknowledged_total: ['counter', 'Messages acknowledged since the start.'],
    isotherm_gateway_refusals_total: ['counter', 'What was refused since the start, by reason.', 'reason'],
    isotherm_gateway_clock_ahead_seconds: ['gauge', 'How far the last record lies ahead of the clock.'],
  }),
  ...define('api', {
    isotherm_live_clients: ['gauge', 'Live streams that are open.'],
    isotherm_live_dropped_total: ['counter', 'Events that slow readers missed; they got a snapshot later.'],
    isotherm_thread_restarts_total: ['counter', 'How often a thread died and was started again.', 'thread'],
  }),
  ...define('core', {
    isotherm_consumer_position: ['gauge', 'Next record, change, act or hour of a consumer.', 'consumer'],
    isotherm_consumer_behind: ['gauge', 'Records, changes, acts or hours it has not passed.', 'consumer'],
    isotherm_consumer_oldest_age_seconds: ['gauge', 'Age of the oldest of these; 0 when level.', 'consumer'],
    isotherm_balance_messages: ['gauge', 'Messages, by what became of them.', 'part'],
    isotherm_balance_readings: ['gauge', 'Readings of decoded messages, by what became of them.', 'part'],
    isotherm_balance_mismatches: ['gauge', 'Sums that do not come out.'],
    isotherm_held_readings: ['gauge', 'What is held now and waits, by reason.', 'reason'],
    isotherm_influx_up: ['gauge', '1 while the projection goes on, 0 while something keeps it.'],
    isotherm_influx_points_total: ['counter', 'Points of readings since the start, by verdict.', 'verdict'],
    isotherm_influx_failures_total: [
      'counter',
      'Writes and questions to be tried again, since the start, by verdict.',
      'verdict',
    ],
    isotherm_influx_held_points: ['gauge', 'Rows InfluxDB refuses.'],
    isotherm_influx_count_difference: ['gauge', 'Rows less points at the last hourly count.'],
    isotherm_judge_points_waiting: ['gauge', 'Points that wait to be judged.'],
    isotherm_judge_points_total: ['counter', 'Points judged since the start, each time one was.'],
    isotherm_judge_rejudged_points_total: [
      'counter',
      'Those for which judged readings were gone through again.',
    ],
    isotherm_judge_seconds: ['summary', 'How long turns of the judge took in which something was done.'],
    isotherm_findings_open: ['gauge', 'Findings that go on, by kind.', 'kind'],
    isotherm_incidents: ['gauge', 'Incidents that are not resolved, by state.', 'state'],
    isotherm_incidents_without_recipients: [
      'gauge',
      'Those that are open, and nobody is there to be called.',
    ],
    isotherm_outbox_oldest_age_seconds: ['gauge', 'Age of the oldest message that waits; 0 without one.'],
    isotherm_messages: ['gauge', 'Messages of the last 24 hours, by state.', 'state'],
    isotherm_sensors_at_fault: ['gauge', 'Sensors whose newest word is that their probe is at fault.'],
    isotherm_store_bytes: ['gauge', 'Size on disk.', 'store'],
    isotherm_disk_free_bytes: ['gauge', 'Free space on the disk of the data directory.'],
    isotherm_disk_size_bytes: ['gauge', 'Its size.'],
    isotherm_disk_reserve_bytes: ['gauge', 'Below this much free space nothing is acknowledged.'],
    isotherm_clock_synchronised: ['gauge', '1 when NTP keeps the clock right; absent when unknown.'],
    isotherm_clock_steps_total: ['counter', 'How often the clock was set by more than a second.'],
    isotherm_audit_trouble: ['gauge', '1 while something keeps acts from being copied.'],
  }),
} as const

/** Name of a metric of our own. */
export type MetricName = keyof typeof metricDefinitions

/** One number at an instant. */
export interface Sample {
  readonly name: MetricName
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
  /** Of a summary: how often it was measured, or all that was measured together. */
  readonly part?: 'count' | 'sum'
}

import { panelWords as p } from './panel-words.ts'
import type { Words } from './words-zh.ts'

/** What the dashboard of Isotherm itself says, in English. */
export const system: Words['system'] = {
  title: 'System health',
  description:
    'Isotherm itself: whether it takes, judges, calls and stores. What to do about each: docs/runbook.md.',
  rowNow: 'Now',
  rowRoad: 'The road of a reading',
  rowWork: 'Judging and calling',
  rowMachine: 'Stores and process',
  up: p('Scraped', 'Whether Prometheus can read the metrics of Isotherm.'),
  core: p(
    'Core',
    'Whether the process with the api reaches the core; without it nothing is judged and nobody called.',
  ),
  journal: p(
    'Journal',
    'Whether it is written to: full or failed, nothing is acknowledged and devices keep their data.',
  ),
  influx: p('InfluxDB', 'Whether points are written; when not, alarms go on, and it catches up later.'),
  balance: p('Balance', 'Messages that were acknowledged and are not accounted for; has to be zero.'),
  clock: p('Clock', 'Whether NTP keeps the clock of the server right.'),
  certificate: p('Certificate expires in', 'Time until the TLS certificate expires; no data without TLS.'),
  disk: p(
    'Disk free',
    'Free space of the disk of the data directory; below the reserve nothing is acknowledged.',
  ),
  records: p('Records journalled', 'Messages made durable, each second.'),
  sync: p(
    'Sync of the journal',
    'How long it takes until written is durable; every acknowledgement waits for it.',
  ),
  waiting: p('Waiting for the disk', 'Records that are appended and not yet durable.'),
  refusals: p('Refused at the door', 'Connections and messages refused each second, by reason.'),
  connections: p('Connections', 'Devices that are connected now.'),
  behind: p('Behind', 'Records each consumer has not passed.'),
  age: p('Oldest waiting', 'How long the oldest of these waits; zero when level.'),
  messages: p('What became of messages', 'Messages in all: journalled, decoded, held, pending.'),
  held: p('Held readings', 'Held readings by reason.'),
  influxPoints: p('Points to InfluxDB', 'Points each second, by verdict.'),
  influxTrouble: p('Trouble with InfluxDB', 'Points it refuses, and rows less points at the last count.'),
  judge: p('Waiting to be judged', 'Points that wait for the judge.'),
  judged: p('Points judged', 'Points judged each second, each time one was.'),
  findings: p('Open findings', 'Findings that go on now, by kind.'),
  incidents: p('Incidents', 'Incidents by state.'),
  outbox: p('Longest wait in the outbox', 'How long the oldest message waits to be sent; should be seconds.'),
  sent: p('Messages', 'Messages to people, by state.'),
  noRecipients: p('Incidents without recipients', 'Incidents nobody is called for; should be zero.'),
  faults: p('Probes at fault', 'Sensors whose newest word is a probe fault.'),
  live: p('Live pages', 'Pages with live data, and updates each second they were too slow for.'),
  stores: p('Size of the stores', 'What journal, readings, facts and audit take of the disk.'),
  space: p('Disk', 'Free, in all, and the reserve below which nothing is acknowledged.'),
  loop: p(
    'Delay of the event loop',
    'Of the main and the core thread, 99th percentile; that of the main thread delays acknowledgements.',
  ),
  memory: p('Memory', 'Memory of the process.'),
  cpu: p('Processor', 'Processor time of the process; 100 % is one core.'),
  trouble: p(
    'To look at',
    'Audit log in trouble, threads restarted, clock stepped: look at the log when any is not zero.',
  ),
}

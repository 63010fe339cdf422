// oxlint-disable-next-line no-template-curly-in-string -- Grafana puts the instants in
const [FROM_MS, TO_MS] = ['${__from}', '${__to}']
const [FROM, TO] = [`${FROM_MS}ms`, `${TO_MS}ms`]

/** Whatever the time chosen for a chart is. */
export const SHOWN = '$timeFilter'
/** What is noted hourly, so that there is something in a short time too. */
export const KNOWN = `time >= ${FROM} - 1d AND time <= ${TO}`
/** The same for lines that begin at the left edge of a chart. */
export const SHOWN_AND_HOUR_BEFORE = `time >= ${FROM} - 1h AND time <= ${TO}`
/** The last that is noted hourly, which comes a minute after the hour or a little later. */
export const LAST_HOUR = `time >= ${TO} - 65m AND time <= ${TO}`
/** The hour up to now, whatever time is chosen. */
export const HOUR_TO_NOW = 'time > now() - 1h'
/** Findings that began in the time chosen, each once, without those that stand no more. */
export const BEGAN = `${SHOWN} AND "phase" = 'start' AND "state" != 'withdrawn'`
/** Of the sites chosen. */
export const OF_SITE = '"site" =~ /^$site$/'
/** Of the place chosen. */
export const OF_PLACE = `"place" = '$place'`
/** Of the points chosen. */
export const OF_POINT = '"point" =~ /^$point$/'
/** Readings of sensors that are placed. */
export const PLACED = `"site" != 'none'`
/** Days as people in China count them. */
export const BY_DAY = `GROUP BY time(1d) fill(0) tz('Asia/Shanghai')`

/** How many findings of a measurement go on, whatever time is chosen: only they count 1. */
export function openSum(measurement: 'excursion' | 'condition', where: string): string {
  return `SELECT sum("open") AS "open" FROM "${measurement}" WHERE ${where}`
}

/** How many sensors sent anything in the last hour. */
export function sensorsHeard(where: string): string {
  const newest = `SELECT last("received_ms") AS "heard" FROM "reading" WHERE ${HOUR_TO_NOW} AND ${where} GROUP BY "sensor"`
  return `SELECT count("heard") AS "sensors" FROM (${newest})`
}

/** Findings that overlap the time shown, as regions: what is not over goes on to the right edge. */
export function regions(measurement: 'excursion' | 'condition', text: string, where: string): string {
  const columns = `"point", "rule", "${text}"`
  const standing = `FROM "${measurement}" WHERE ${where} AND "phase" = 'start' AND time <= ${TO}`
  // Grafana leaves out rows without an end; `open` is 1, so this is the right edge
  const open = `SELECT ${columns}, "open" * ${TO_MS} AS "end_ms" ${standing} AND "state" = 'open'`
  const over = `SELECT ${columns}, "end_ms" ${standing} AND "state" = 'over' AND "end_ms" >= ${FROM_MS}`
  return `SELECT ${columns}, "end_ms" FROM (${over}), (${open}) WHERE time <= ${TO}`
}

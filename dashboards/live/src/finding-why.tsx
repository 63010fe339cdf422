import { useState } from 'preact/hooks'
import type { Explained, ExplainedReading, Finding, IncidentStory } from './answers.ts'
import { catalogue, zoneOf } from './catalogue.ts'
import { language, nameOf, words } from './language.ts'
import { printedInstant, printedTemperature, printedTime } from './print.ts'
import { get } from './server.ts'

const SECONDS_PER_MINUTE = 60
const SECONDS_PER_HOUR = 3_600
/** Of a longer list the first and the last half of these are shown. */
const READINGS_SHOWN = 40

/** Why there is an incident: what each of its findings rests on, once somebody asks. */
export function FindingsWhy({ story }: { readonly story: IncidentStory }) {
  if (story.findings.length === 0) return null
  return (
    <section class="panel">
      <h2>{words.value.why}</h2>
      {story.findings.map((finding) => (
        // what has ended meanwhile is asked for anew
        <FindingWhy key={`${finding.id} ${finding.end ?? ''}`} finding={finding} />
      ))}
    </section>
  )
}

function FindingWhy({ finding }: { readonly finding: Finding }) {
  const [told, setTold] = useState<Explained | string | undefined>(undefined)
  const zone = zoneOf(finding.place)
  const point = catalogue.value?.points.find(({ id }) => id === finding.point)
  const end = finding.end === null ? words.value.whyGoesOn : printedTime(finding.end, zone)
  const ask = async (isOpen: boolean): Promise<void> => {
    if (!isOpen) return
    const path = `places/${encodeURIComponent(finding.place)}/findings/${finding.id}/explain`
    const answer = await get<Explained>(path)
    setTold('refused' in answer ? words.value.failed(answer.refused.detail) : answer.value)
  }
  return (
    <details class="why" onToggle={(event) => void ask(event.currentTarget.open)}>
      <summary>
        {point === undefined ? finding.point : nameOf(point)} · {words.value.whyLevels[finding.level]} ·{' '}
        {printedTime(finding.start, zone)} – {end}
      </summary>
      {told === undefined ? <p class="empty">{words.value.loading}</p> : null}
      {typeof told === 'string' ? <p class="empty">{told}</p> : null}
      {typeof told === 'object' ? <Told told={told} zone={zone} /> : null}
    </details>
  )
}

function Told({ told, zone }: { readonly told: Explained; readonly zone: string }) {
  const { finding, rule } = told
  const at = (time: string): string => printedInstant(time, zone)
  return (
    <>
      <dl class="facts">
        {rule === null ? null : (
          <>
            <dt>{rule.quantity === 'temperature' ? words.value.whyRule : words.value.whyCondition}</dt>
            <dd>
              {ruleText(rule)}
              {finding.label === null ? null : (
                <em>{words.value.whyByLabel(productName(finding.label.product))}</em>
              )}
            </dd>
            <dt>{words.value.whyClause}</dt>
            <dd>
              {rule.clause}
              <em>
                {words.value.whyConfidences[rule.confidence]}: {rule.source}
              </em>
            </dd>
          </>
        )}
        <dt>{words.value.whySensor}</dt>
        <dd>{told.placements.map(({ sensor }) => sensor).join(', ')}</dd>
        <dt>{words.value.whyBegan}</dt>
        <dd>{at(finding.start)}</dd>
        <dt>{finding.kind === 'cadence' ? words.value.whyDue : words.value.whyAlarm}</dt>
        <dd>{finding.alarm === null ? words.value.suspected : at(finding.alarm)}</dd>
        <dt>{words.value.whyEnded}</dt>
        <dd>
          {finding.end === null || finding.endReason === null
            ? words.value.whyGoesOn
            : `${at(finding.end)} · ${endText(finding.kind, finding.endReason)}`}
        </dd>
        <dt>{words.value.whyLasted}</dt>
        <dd>{lastedText(finding)}</dd>
        {finding.intervals === null || finding.longestSeconds === null ? null : (
          <>
            <dt>{words.value.whyIntervals}</dt>
            <dd>{words.value.whyLongest(finding.intervals, minutesOf(finding.longestSeconds))}</dd>
          </>
        )}
        {told.unknown.map(({ from, to, cause }) => (
          <>
            <dt>{words.value.whyUnknown}</dt>
            <dd>
              {at(from)} – {at(to)} · {words.value.whyUnknownCauses[cause]}
            </dd>
          </>
        ))}
        <Mkt mkt={told.mkt} at={at} />
      </dl>
      <Readings told={told} at={at} />
    </>
  )
}

function endText(kind: Finding['kind'], endReason: string): string {
  // what is no temperature has no range to be back in
  if (endReason === 'recovered' && kind !== 'excursion') return words.value.whyNormal
  return words.value.whyEndReasons[endReason] ?? endReason
}

function lastedText({ kind, observedSeconds, worstCaseSeconds }: Explained['finding']): string {
  const [seen, most] = [minutesOf(observedSeconds), minutesOf(worstCaseSeconds)]
  if (kind === 'cadence') return words.value.whyTooLong(seen, most)
  return seen === most ? words.value.whySeen(seen) : words.value.whyObserved(seen, most)
}

function Mkt({ mkt, at }: { readonly mkt: Explained['mkt']; readonly at: (time: string) => string }) {
  if (mkt === null) return null
  return (
    <>
      {mkt.windows.map((window) => (
        <>
          <dt>{words.value.whyMkt(window.windowSeconds / SECONDS_PER_HOUR)}</dt>
          <dd>
            {printedTemperature(window.mkt, [], language.value)}
            <em>
              {at(window.from)} – {at(window.to)} ·{' '}
              {words.value.whyKnown((window.knownSeconds / SECONDS_PER_HOUR).toFixed(1))}
            </em>
          </dd>
        </>
      ))}
      {mkt.products.map(({ product, windows, statement }) => (
        <>
          <dt>{words.value.whyMktOf(productName(product))}</dt>
          <dd>
            {words.value.whyMktStatements[statement]}
            <em>
              {windows
                .map((each) => {
                  const hours = each.windowSeconds / SECONDS_PER_HOUR
                  return words.value.whyMktHours(hours, printedTemperature(each.mkt, [], language.value))
                })
                .join(' · ')}
            </em>
          </dd>
        </>
      ))}
      <dt>{mkt.products.length === 0 ? 'MKT' : words.value.whyMktOthers}</dt>
      <dd>{words.value.whyMktStatements[mkt.statement]}</dd>
    </>
  )
}

function Readings({ told, at }: { readonly told: Explained; readonly at: (time: string) => string }) {
  const all = [
    ...(told.before === null ? [] : [told.before]),
    ...told.readings,
    ...(told.endedBy === null ? [] : [told.endedBy]),
  ]
  const half = READINGS_SHOWN / 2
  const isLong = all.length > READINGS_SHOWN
  const intervals = told.finding.kind === 'cadence' ? intervalTexts(all) : undefined
  const rows = all.map((each, nth) => <Row key={each.t} reading={each} interval={intervals?.[nth]} at={at} />)
  return (
    <table class="readings">
      <caption>
        {told.complete
          ? words.value.whyReadings(told.readings.length)
          : words.value.whyFirst(told.readings.length)}
      </caption>
      <tbody>
        {isLong ? rows.slice(0, half) : rows}
        {isLong ? (
          <tr>
            <td colSpan={3}>…</td>
          </tr>
        ) : null}
        {isLong ? rows.slice(-half) : null}
      </tbody>
    </table>
  )
}

/** How long after the record before each record came; empty for the first, and for faults, which are none. */
function intervalTexts(readings: readonly ExplainedReading[]): readonly string[] {
  let lastMs: number | undefined
  return readings.map(({ t, temperature }) => {
    if (typeof temperature !== 'number') return ''
    const tMs = Date.parse(t)
    const text = lastMs === undefined ? '' : words.value.whyAfter(minutesOf((tMs - lastMs) / 1_000))
    lastMs = tMs
    return text
  })
}

interface RowParts {
  readonly reading: ExplainedReading
  /** Undefined where it does not matter. */
  readonly interval: string | undefined
  readonly at: (time: string) => string
}

function Row({ reading, interval, at }: RowParts) {
  return (
    <tr>
      <td>{at(reading.t)}</td>
      <td>{valueText(reading)}</td>
      {interval === undefined ? null : <td>{interval}</td>}
    </tr>
  )
}

function valueText({ temperature, battery, doorOpen, mainsPower }: ExplainedReading): string {
  if (doorOpen !== undefined) return doorOpen ? words.value.whyDoorOpen : words.value.whyDoorClosed
  if (mainsPower !== undefined) return mainsPower ? words.value.whyPower : words.value.causes.power
  if (battery !== undefined && battery !== null) return `${battery} %`
  return typeof temperature === 'number'
    ? printedTemperature(temperature, [], language.value)
    : words.value.whyFault
}

function productName(id: string): string {
  const product = catalogue.value?.products.get(id)
  return product === undefined ? id : nameOf(product)
}

function ruleText(rule: NonNullable<Explained['rule']>): string {
  const { quantity, operator, limit, durationSeconds } = rule
  const bound =
    operator === null || limit === null
      ? ''
      : `${operator} ${quantity === 'battery' ? `${limit} %` : printedTemperature(limit, [], language.value)}`
  if (quantity === 'recording') return words.value.whyApart(minutesOf(durationSeconds), bound)
  const what =
    bound || words.value.causes[quantity === 'contact' ? 'silence' : quantity === 'door' ? 'door' : 'power']
  return durationSeconds === 0 ? what : words.value.whyFor(what, minutesOf(durationSeconds))
}

/** To a tenth, so that times that differ by less read the same. */
function minutesOf(seconds: number): string {
  return String(Math.round((seconds / SECONDS_PER_MINUTE) * 10) / 10)
}

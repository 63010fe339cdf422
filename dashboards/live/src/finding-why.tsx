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
  const [seen, most] = [minutesOf(finding.observedSeconds), minutesOf(finding.worstCaseSeconds)]
  return (
    <>
      <dl class="facts">
        {rule === null ? null : (
          <>
            <dt>{words.value.whyRule}</dt>
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
        <dt>{words.value.whyAlarm}</dt>
        <dd>{finding.alarm === null ? words.value.suspected : at(finding.alarm)}</dd>
        <dt>{words.value.whyEnded}</dt>
        <dd>
          {finding.end === null || finding.endReason === null
            ? words.value.whyGoesOn
            : `${at(finding.end)} · ${words.value.whyEndReasons[finding.endReason] ?? finding.endReason}`}
        </dd>
        <dt>{words.value.whyLasted}</dt>
        <dd>{seen === most ? words.value.whySeen(seen) : words.value.whyObserved(seen, most)}</dd>
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
  return (
    <table class="readings">
      <caption>
        {told.complete
          ? words.value.whyReadings(told.readings.length)
          : words.value.whyFirst(told.readings.length)}
      </caption>
      <tbody>
        {(isLong ? all.slice(0, half) : all).map((each) => (
          <Row key={each.t} reading={each} at={at} />
        ))}
        {isLong ? (
          <tr>
            <td colSpan={2}>…</td>
          </tr>
        ) : null}
        {(isLong ? all.slice(-half) : []).map((each) => (
          <Row key={each.t} reading={each} at={at} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ reading, at }: { readonly reading: ExplainedReading; readonly at: (time: string) => string }) {
  return (
    <tr>
      <td>{at(reading.t)}</td>
      <td>{valueText(reading)}</td>
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
  const what =
    quantity === 'recording'
      ? `${words.value.causes.cadence} ${bound}`.trimEnd()
      : bound ||
        words.value.causes[quantity === 'contact' ? 'silence' : quantity === 'door' ? 'door' : 'power']
  return durationSeconds === 0 ? what : words.value.whyFor(what, minutesOf(durationSeconds))
}

function minutesOf(seconds: number): string {
  const minutes = seconds / SECONDS_PER_MINUTE
  return Number.isInteger(minutes) ? String(minutes) : minutes.toFixed(1)
}

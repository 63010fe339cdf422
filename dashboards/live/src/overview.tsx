import { useRef } from 'preact/hooks'
import { useColumns } from './columns.ts'
import { DemoPhones } from './demo-phones.tsx'
import { demonstration } from './demonstration.ts'
import { nameOf, words } from './language.ts'
import { CallingStrip } from './calling-strip.tsx'
import { Messages } from './messages.tsx'
import { type SiteStanding, siteStandings } from './standings.ts'
import { StateGlyph } from './icons.tsx'
import { type State, stateOrder } from './standing.ts'
import { stateWord } from './state-mark.tsx'
import { Tile } from './tile.tsx'

/** Messages beside the sites; all of them have a page of their own. */
const MESSAGES_SHOWN = 6
const PHONES_SHOWN = 3
const PHONE_MESSAGES_SHOWN = 2

/** All sites, the worst first. */
export function Overview() {
  const host = useRef<HTMLDivElement>(null)
  const columns = useColumns(host)
  return (
    <>
      <CallingStrip />
      <Counts />
      <div class="overview">
        <div class="sites" ref={host} style={`--columns: ${columns}`}>
          {siteStandings.value.map((each) => (
            <SiteSection key={each.site.id} standing={each} columns={columns} />
          ))}
        </div>
        <aside class="beside">
          {demonstration === undefined ? (
            <Messages limit={MESSAGES_SHOWN} />
          ) : (
            <DemoPhones phones={PHONES_SHOWN} messages={PHONE_MESSAGES_SHOWN} />
          )}
        </aside>
      </div>
    </>
  )
}

function Counts() {
  const counts = new Map<State, number>()
  for (const { places } of siteStandings.value) {
    for (const { state } of places) counts.set(state, (counts.get(state) ?? 0) + 1)
  }
  return (
    <ul class="counts">
      {stateOrder
        .filter((state) => (counts.get(state) ?? 0) > 0)
        .map((state) => (
          <li key={state} class={`mark mark-${state}`}>
            <StateGlyph state={state} />
            <span>{stateWord(state)}</span>
            <strong>{counts.get(state)}</strong>
          </li>
        ))}
    </ul>
  )
}

/** A site is as wide as its tiles: small ones stand side by side. */
function SiteSection(props: { readonly standing: SiteStanding; readonly columns: number }) {
  const { site, places } = props.standing
  const width = Math.min(places.length, props.columns)
  return (
    <section class="site" style={`--width: ${width}`}>
      <h2>
        {nameOf(site)}
        {site.demo && demonstration === undefined ? <span class="demo small">{words.value.demo}</span> : null}
        {places.length > 1 ? <small>{words.value.placesIn(places.length)}</small> : null}
      </h2>
      <div class="tiles">
        {places.map((each) => (
          <Tile key={each.place.id} standing={each} zone={site.zone} />
        ))}
      </div>
    </section>
  )
}

import { hasDemo } from './demonstration.ts'
import { Glyph } from './icons.tsx'
import { openIncidents } from './incidents.ts'
import { switchLanguage, words } from './language.ts'
import { serverNowMs } from './live.ts'
import { printedClock } from './print.ts'
import { route } from './route.ts'
import { me, signOut } from './session.ts'
import { allowSound, canSound } from './sound.ts'

/** Name, demo mark, ways, sound, language, and who is signed in. */
export function Header() {
  const raised = openIncidents.value.filter(({ state, open }) => state === 'raised' && open).length
  return (
    <header class="header">
      <a class="brand" href="#/">
        <img src={iconAddress} alt="" width="30" height="30" />
        <strong>Isotherm</strong>
        <span class="brand-word">{words.value.product}</span>
      </a>
      {hasDemo.value ? <span class="demo">{words.value.demo}</span> : null}
      <nav class="ways">
        <Way to="#/" name={words.value.overview} isHere={route.value.page === 'overview'} />
        <Way
          to="#/incidents"
          name={words.value.incidents}
          isHere={route.value.page === 'incidents'}
          count={raised}
        />
        <Way to="#/messages" name={words.value.messages} isHere={route.value.page === 'messages'} />
      </nav>
      <div class="tools">
        <SoundButton />
        <time class="clock">{printedClock(serverNowMs.value)}</time>
        <button type="button" class="tool" onClick={switchLanguage}>
          {words.value.otherLanguage}
        </button>
        <span class="who">{me.value?.name}</span>
        <button type="button" class="tool" onClick={() => void signOut()}>
          {words.value.signOut}
        </button>
      </div>
    </header>
  )
}

const iconAddress = new URL('./icon.svg', import.meta.url).href

function Way(props: {
  readonly to: string
  readonly name: string
  readonly isHere: boolean
  readonly count?: number
}) {
  const { to, name, isHere, count = 0 } = props
  return (
    <a href={to} class="way" {...(isHere ? { 'aria-current': 'page' as const } : {})}>
      {name}
      {count > 0 ? <span class="count">{count}</span> : null}
    </a>
  )
}

function SoundButton() {
  if (canSound.value) {
    return (
      <span class="tool sound-on" title={words.value.soundOn}>
        <Glyph of="sound" />
        <span class="unseen">{words.value.soundOn}</span>
      </span>
    )
  }
  return (
    <button type="button" class="tool sound-off" onClick={allowSound}>
      <Glyph of="silent" />
      {words.value.soundOff}
    </button>
  )
}

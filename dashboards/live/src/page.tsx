import { useEffect, useState } from 'preact/hooks'
import { Banners } from './banners.tsx'
import { catalogue, followCatalogue } from './catalogue.ts'
import { DemoPhones } from './demo-phones.tsx'
import { demonstration } from './demonstration.ts'
import { after } from './doors.ts'
import { forgetPasts } from './extremes.ts'
import { FirstRun } from './first-run.tsx'
import { Header } from './header.tsx'
import { IncidentList } from './incident-list.tsx'
import { IncidentPage } from './incident-page.tsx'
import { followFates, forgetIncidents, readNewest, readStorySoon } from './incidents.ts'
import { language, words } from './language.ts'
import { board, followLive, isFollowing, lostSinceMs } from './live.ts'
import { Messages } from './messages.tsx'
import { Overview } from './overview.tsx'
import { PlacePage } from './place-page.tsx'
import { route } from './route.ts'
import { SignIn } from './sign-in.tsx'
import { lookWhoIsSignedIn, me } from './session.ts'
import { startCalling } from './sound.ts'

/** Until the server answers for the first time. */
const AGAIN_MS = 3_000

/** The whole page: sign-in, or what the signed-in person may see. */
export function Page() {
  const [isUnreachable, setUnreachable] = useState(false)
  useEffect(() => {
    const look = (): void => {
      void lookWhoIsSignedIn().then((isKnown) => {
        setUnreachable(!isKnown)
        if (!isKnown) after(AGAIN_MS, look)
      })
    }
    look()
  }, [])
  useEffect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en'
    document.title = pageTitle()
  }, [language.value])
  if (me.value === undefined) {
    return <p class="loading">{isUnreachable ? words.value.unreachable : words.value.loading}</p>
  }
  return me.value === null ? <SignIn /> : <SignedIn key={me.value.id} />
}

/** The live stream needs them all. */
const rightsToLook = ['readings:read', 'findings:read', 'incidents:read', 'checks:read'] as const

function SignedIn() {
  const mayLook = rightsToLook.every((right) => me.value?.scopes[right] !== undefined)
  useEffect(() => {
    if (!mayLook) return undefined
    const stops = [followCatalogue(), followLive(readStorySoon), followFates(), startCalling(pageTitle)]
    void readNewest()
    return () => {
      for (const stop of stops) stop()
      forgetIncidents()
      forgetPasts()
    }
  }, [])
  const isStale = lostSinceMs.value !== undefined || !isFollowing.value
  return (
    <div class="page">
      <a class="skip" href="#main" onClick={focusMain}>
        {words.value.skip}
      </a>
      <Header />
      <Banners />
      <main id="main" tabIndex={-1} class={isStale ? 'stale' : ''}>
        {mayLook ? <Content /> : <p class="empty">{words.value.noRole}</p>}
      </main>
    </div>
  )
}

/** The address after # belongs to the routes. */
function focusMain(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function Content() {
  const known = catalogue.value
  if (known === undefined || board.value === undefined) return <p class="loading">{words.value.loading}</p>
  if (known.places.size === 0) return <FirstRun />
  const { page, id } = route.value
  if (page === 'place') return <PlacePage key={id} id={id} />
  if (page === 'incident') return <IncidentPage key={id} id={id} />
  if (page === 'incidents') return <IncidentList />
  if (page === 'messages') {
    return demonstration === undefined ? <Messages limit={100} /> : <DemoPhones phones={12} messages={20} />
  }
  return <Overview />
}

function pageTitle(): string {
  const mark = demonstration === undefined ? '' : ` · ${words.value.demo}`
  return `Isotherm ${words.value.product}${mark}`
}

import type { Message } from './answers.ts'
import { zoneOf } from './catalogue.ts'
import { Glyph } from './icons.tsx'
import { stories } from './incidents.ts'
import { words } from './language.ts'
import { fateText } from './messages.tsx'
import { printedClock, printedTime } from './print.ts'
import { serverNowMs } from './live.ts'
import { sorted } from './sorted.ts'

interface Received {
  readonly message: Message
  readonly zone: string
}

/** The telephones of the demonstration: what each person who is called would read, who was called last first. */
export function DemoPhones(props: { readonly phones: number; readonly messages: number }) {
  const phones = [...received()].slice(0, props.phones)
  return (
    <section class="demo-phones">
      <h2>
        <Glyph of="phone" />
        {words.value.demoPhones}
        <span class="demo small">{words.value.demo}</span>
      </h2>
      <p class="hint">{words.value.demoPhonesHint}</p>
      {phones.length === 0 ? <p class="empty">{words.value.demoPhonesSilent}</p> : null}
      <div class="handsets">
        {phones.map(([name, messages]) => (
          <Handset key={name} name={name} messages={messages.slice(0, props.messages)} />
        ))}
      </div>
    </section>
  )
}

/** By person, both the persons and their messages with the newest first. */
function received(): ReadonlyMap<string, readonly Received[]> {
  const all = [...stories.value.values()].flatMap(({ place, messages }) =>
    messages.map((message): Received => ({ message, zone: zoneOf(place) })),
  )
  const phones = new Map<string, Received[]>()
  for (const each of sorted(all, (a, b) => (a.message.createdAt < b.message.createdAt ? 1 : -1))) {
    const phone = phones.get(each.message.recipientName) ?? []
    phone.push(each)
    phones.set(each.message.recipientName, phone)
  }
  return phones
}

function Handset({ name, messages }: { readonly name: string; readonly messages: readonly Received[] }) {
  return (
    <article class="handset" data-phone={name}>
      <header>
        <strong>{name}</strong>
        <time>{printedClock(serverNowMs.value)}</time>
      </header>
      <ol>
        {messages.map(({ message, zone }) => (
          <li key={message.id} class="message" data-message={message.id}>
            <p class="fate">
              {words.value.demoSender} · {printedTime(message.createdAt, zone)}
            </p>
            <p class="bubble">{message.text}</p>
            <p class="fate">{fateText(message, zone)}</p>
          </li>
        ))}
      </ol>
    </article>
  )
}

import type { Message } from './answers.ts'
import { zoneOf } from './catalogue.ts'
import { Glyph } from './icons.tsx'
import { stories } from './incidents.ts'
import { words } from './language.ts'
import { printedSecond, printedTime } from './print.ts'
import { sorted } from './sorted.ts'

/** The newest messages to people, as they went out. */
export function Messages({ limit }: { readonly limit: number }) {
  const messages = [...stories.value.values()].flatMap(({ place, messages }) =>
    messages.map((message) => ({ place, message })),
  )
  const newest = sorted(messages, (a, b) => (a.message.createdAt < b.message.createdAt ? 1 : -1)).slice(
    0,
    limit,
  )
  return (
    <section class="phone">
      <h2>
        <Glyph of="phone" />
        {words.value.phone}
      </h2>
      {newest.length === 0 ? <p class="empty">{words.value.noMessages}</p> : null}
      {newest.map(({ place, message }) => (
        <MessageItem key={message.id} message={message} zone={zoneOf(place)} />
      ))}
    </section>
  )
}

/** One message: text, to whom, by what, and whether it arrived. */
export function MessageItem({ message, zone }: { readonly message: Message; readonly zone: string }) {
  const { recipientName, channel, text, state, createdAt } = message
  const time = printedTime(createdAt, zone)
  const isBad = state === 'failed' || state === 'undelivered'
  return (
    <article class="message" data-message={message.id}>
      <p class="bubble">{text}</p>
      <p class="fate">
        {words.value.to(recipientName)} · {words.value.channels[channel]} · {time} ·{' '}
        <strong class={isBad ? 'bad' : ''}>{fateText(message, zone)}</strong>
      </p>
    </article>
  )
}

/** What has become of a message, when, and why it did not arrive. */
export function fateText({ state, sentAt, receiptAt, detail }: Message, zone: string): string {
  const isBad = state === 'failed' || state === 'undelivered'
  const when = state === 'waiting' || state === 'superseded' ? null : (receiptAt ?? sentAt)
  const time = when === null ? '' : ` ${printedSecond(when, zone)}`
  return `${words.value.messageStates[state]}${time}${isBad && detail !== null ? ` (${detail})` : ''}`
}

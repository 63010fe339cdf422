import { type ChannelName, channelNames, type Clock, type Log, type Outbox } from '../../domain/index.ts'
import { Lane } from './lane.ts'
import type { ChannelSender, Channels } from './port.ts'

/** What the notifier runs on. */
export interface NotifierOptions {
  readonly outbox: Outbox
  readonly channels: Channels
  readonly clock: Clock
  /** Gets ids, channels and outcomes; never numbers, addresses, texts or what a server said. */
  readonly log: Log
  readonly signal: AbortSignal
}

/** A running notifier. */
export interface Notifier {
  /** Call when messages have been put into the outbox; without it they wait half a minute. */
  wake(): void
  /** Resolves after `signal` has aborted and nothing is under way any more. Never rejects. */
  readonly stopped: Promise<void>
}

/**
 * Starts to empty the outbox. Every message is sent at least once or is settled as failed: with back-off from 5 s to
 * 5 min (or what the receiver asks for, up to 15 min) until 24 h after its creation. A message whose attempt was not
 * settled when the process ended is sent again under its id.
 */
export function startNotifier(options: NotifierOptions): Notifier {
  const lanes = channelNames.map((channel) => {
    return new Lane({ ...options, channel, sender: options.channels[channel] ?? notConfigured(channel) })
  })
  return {
    wake: () => {
      for (const lane of lanes) lane.wake()
    },
    stopped: Promise.all(lanes.map((lane) => lane.run())).then(() => undefined),
  }
}

/** The settings that open a channel. The console is open wherever messages are sent from. */
const SETTINGS: Readonly<Record<ChannelName, string>> = {
  console: 'the console of a running core',
  http: 'sms_url and sms_secret',
  mail: 'smtp_url and smtp_from',
}

function notConfigured(channel: ChannelName): ChannelSender {
  const reason = `the channel ${channel} is not configured; set ${SETTINGS[channel]}, or choose another channel`
  return { send: () => Promise.resolve({ kind: 'refused', reason }) }
}

import {
  type Channels,
  type HttpFetch,
  openConsoleChannel,
  openHttpChannel,
  openMailChannel,
} from '../../alerts/index.ts'
import type { Clock } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { fetchUrl } from '../doors/network.ts'
import { terminal } from '../doors/terminal.ts'

/** The doors the channels go through. */
export interface ChannelDoors {
  readonly fetch: HttpFetch
  readonly clock: Clock
  /** Prints one line for whoever watches the terminal. */
  readonly print: (line: string) => void
}

/**
 * The channels that are configured; the console always is. Throws `Problem('configuration-invalid')` when a setting
 * has the right form and cannot be used all the same.
 */
export function openChannels(configuration: Configuration, doors: ChannelDoors): Channels {
  const { sms_url, sms_secret, sms_url_without_tls: withoutTls, smtp_url, smtp_from } = configuration
  return {
    console: openConsoleChannel(doors.print),
    ...(sms_url === undefined || sms_secret === undefined
      ? {}
      : { http: openHttpChannel({ ...doors, url: sms_url, secret: sms_secret, withoutTls }) }),
    ...(smtp_url === undefined || smtp_from === undefined
      ? {}
      : { mail: openMailChannel({ url: smtp_url, from: smtp_from }) }),
  }
}

/** The channels through the doors of this process. */
export function openSystemChannels(configuration: Configuration): Channels {
  return openChannels(configuration, {
    fetch: fetchUrl,
    clock: systemClock,
    print: (line) => terminal.print(line),
  })
}

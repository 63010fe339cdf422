import { Problem } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { openSystemChannels } from '../notify/channels.ts'
import type { Finding } from './doctor.ts'

/** Which channels people can be told through. Nothing is sent. */
export function channelFindings(configuration: Configuration): readonly Finding[] {
  try {
    openSystemChannels(configuration)
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return [{ check: 'notifications', state: 'bad', found: thrown.message, remedy: thrown.remedy }]
  }
  const { sms_url: gateway, smtp_url: server } = configuration
  return [
    {
      check: 'HTTP channel',
      ...(gateway === undefined
        ? off('Set ISOTHERM_SMS_URL and ISOTHERM_SMS_SECRET to send SMS or calls through a gateway.')
        : on(gateway)),
    },
    {
      check: 'mail channel',
      ...(server === undefined
        ? off('Set ISOTHERM_SMTP_URL and ISOTHERM_SMTP_FROM to send mail.')
        : on(server)),
    },
  ]
}

function off(remedy: string): Omit<Finding, 'check'> {
  return { state: 'note', found: 'not configured', remedy }
}

/** Without user, password, path and query, any of which may be secret. */
function on(address: string): Omit<Finding, 'check'> {
  const { protocol, host } = new URL(address)
  return { state: 'ok', found: `configured, ${protocol}//${host}; nothing was sent` }
}

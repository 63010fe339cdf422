import { smtpServer } from '../../alerts/index.ts'
import { Problem } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { knock } from '../doors/ports.ts'
import { openSystemChannels } from '../notify/channels.ts'
import type { Finding } from './doctor-finding.ts'

/** A server that takes longer to take a connection takes messages too late. */
const ANSWER_MS_MAX = 3_000
const HTTP_PORT = 80
const HTTPS_PORT = 443

/** Which channels people can be told through, and whether their servers can be reached. Nothing is sent. */
export async function channelFindings(configuration: Configuration): Promise<readonly Finding[]> {
  try {
    openSystemChannels(configuration)
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return [{ check: 'notifications', state: 'bad', found: thrown.message, remedy: thrown.remedy }]
  }
  const { sms_url: gateway, smtp_url: server } = configuration
  const setGateway = 'Set ISOTHERM_SMS_URL and ISOTHERM_SMS_SECRET to send SMS or calls through a gateway.'
  const setServer = 'Set ISOTHERM_SMTP_URL and ISOTHERM_SMTP_FROM to send mail.'
  return Promise.all([
    gateway === undefined
      ? off('HTTP channel', setGateway)
      : on('HTTP channel', gateway, httpServer(gateway)),
    server === undefined ? off('mail channel', setServer) : on('mail channel', server, smtpServer(server)),
  ])
}

function off(check: string, remedy: string): Finding {
  return { check, state: 'note', found: 'not configured', remedy }
}

/** Where something listens. */
interface Server {
  readonly host: string
  readonly port: number
}

/** Told without user, password, path and query, any of which may be secret. */
async function on(check: string, address: string, { host, port }: Server): Promise<Finding> {
  const { protocol, host: shown } = new URL(address)
  const where = `${protocol}//${shown}`
  const silence = await knock(host, port, ANSWER_MS_MAX)
  if (silence === undefined) return { check, state: 'ok', found: `${where} can be reached; nothing was sent` }
  return {
    check,
    state: 'bad',
    found: `${where} cannot be reached at port ${port}: ${silence.reason}`,
    remedy:
      'Start that server, or correct its address, the name service or the firewall; until then messages wait here and people are not told.',
  }
}

function httpServer(address: string): Server {
  const { protocol, hostname, port } = new URL(address)
  const standard = protocol === 'https:' ? HTTPS_PORT : HTTP_PORT
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? standard : Number(port) }
}

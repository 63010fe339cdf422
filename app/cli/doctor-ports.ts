import type { Configuration } from '../config/index.ts'
import { askOwnServer, authorityOf } from '../doors/network.ts'
import { listensOn, tryToListen } from '../doors/ports.ts'
import { type Finding, sameSettings } from './doctor-finding.ts'
import { holdersOf } from './doctor-holders.ts'

/** On a machine of one's own somebody answers at once or nobody does. */
const ANSWER_MS_MAX = 2_000

/** A port of the settings. */
interface ConfiguredPort {
  readonly check: string
  readonly key: 'mqtt_port' | 'mqtt_tls_port' | 'http_port' | 'http_devices_port'
  readonly host: string
  readonly port: number
}

/** Of each configured port: whether Isotherm listens there, somebody else does, or it is free. */
export function portFindings(configuration: Configuration): Promise<readonly Finding[]> {
  const { mqtt_host, mqtt_port, mqtt_tls_host, mqtt_tls_port, http_host, http_port } = configuration
  const { http_devices_port: devicesPort } = configuration
  const ports: ConfiguredPort[] = [
    { check: 'MQTT port', key: 'mqtt_port', host: mqtt_host, port: mqtt_port },
    ...(configuration.tls_certificate === undefined
      ? []
      : [
          { check: 'MQTT TLS port', key: 'mqtt_tls_port', host: mqtt_tls_host, port: mqtt_tls_port } as const,
        ]),
    { check: 'HTTP port', key: 'http_port', host: http_host, port: http_port },
    ...(devicesPort === undefined
      ? []
      : [
          {
            check: 'HTTPS devices',
            key: 'http_devices_port',
            host: configuration.http_devices_host,
            port: devicesPort,
          } as const,
        ]),
  ]
  return Promise.all(ports.map((each) => portFinding(configuration, each)))
}

async function portFinding(configuration: Configuration, asked: ConfiguredPort): Promise<Finding> {
  const { check, key, host, port } = asked
  const where = `${host}:${port}`
  if (port === 0) {
    return { check, state: 'note', found: `${key} is 0: each start takes a free one and says which` }
  }
  const pids = holdersOf(configuration)
  const objection = await tryToListen(host, port)
  if (objection === undefined) return unheard(asked, pids !== undefined)
  if (objection.code !== 'EADDRINUSE') {
    const found = `${where}: a start could not listen there: ${objection.reason}`
    return { check, state: 'bad', found, remedy: remedyFor(objection.code, key) }
  }
  const owner = await ownerOf(configuration, asked, pids ?? [])
  if (owner === 'Isotherm') return { check, state: 'ok', found: `${where}: Isotherm listens` }
  if (owner === 'unknown') {
    const found = `${where}: somebody listens, and Isotherm runs here; whether it is the one cannot be told`
    return { check, state: 'note', found }
  }
  const remedy = `Stop what listens there (ss -ltnp shows it), or choose another port with ${key}.`
  return { check, state: 'bad', found: `${where}: taken by another program`, remedy }
}

async function ownerOf(
  configuration: Configuration,
  { key, port }: ConfiguredPort,
  pids: readonly number[],
): Promise<'Isotherm' | 'another' | 'unknown'> {
  const told = await Promise.all(pids.map((pid) => listensOn(pid, port)))
  if (told.includes(true)) return 'Isotherm'
  // the role `api` holds nothing, so only its answers tell who it is
  if (key === 'http_port') return (await answersAsIsotherm(configuration)) ? 'Isotherm' : 'another'
  return told.includes(undefined) ? 'unknown' : 'another'
}

async function answersAsIsotherm({ http_tls, http_host, http_port }: Configuration): Promise<boolean> {
  const url = `${http_tls ? 'https' : 'http'}://${authorityOf(reachable(http_host), http_port)}/healthz`
  try {
    const { status, text } = await askOwnServer(url, ANSWER_MS_MAX)
    return status === 200 && text === '{"status":"ok"}'
  } catch {
    // what does not speak HTTP is something else
    return false
  }
}

function unheard({ check, key, host, port }: ConfiguredPort, runs: boolean): Finding {
  const where = `${host}:${port}`
  if (!runs) return { check, state: 'ok', found: `${where}: free, and nothing runs here` }
  const found = `${where}: nobody listens, though Isotherm runs on this data directory`
  return { check, state: 'note', found, remedy: sameSettings(key) }
}

function remedyFor(code: string, key: ConfiguredPort['key']): string {
  if (code === 'EACCES') {
    return `Choose a port from 1024 on with ${key}; lower ones need rights that Isotherm should not have.`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `Correct ${key.replace('_port', '_host')}: this machine has no such address.`
  }
  return `Choose another port with ${key}.`
}

/** Where to reach a server that listens on every address. */
function reachable(host: string): string {
  return { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
}

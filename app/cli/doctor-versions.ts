import { Problem } from '../../domain/index.ts'
import { schemaVersionsOf } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { isThere } from '../doors/files.ts'
import { platformVersions } from '../doors/machine.ts'
import { readSoftwareVersion } from '../doors/version.ts'
import { DATA_FORMAT, formatOf, requireFormat } from '../format.ts'
import { type DataLayout, dataLayout } from '../layout.ts'
import type { Finding } from './doctor-finding.ts'
import { influxVersion } from './doctor-influx.ts'

/** Which versions there are of what may have to fit together; bad when the data directory is not for this one. */
export async function versionFindings(
  configuration: Configuration,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { node, sqlite, system } = platformVersions()
  const influx = await influxText(configuration, signal)
  const found = `Isotherm ${await readSoftwareVersion()}; Node ${node}; SQLite ${sqlite}; ${influx}${system}`
  return [{ check: 'versions', state: 'ok', found }, ...(await formatFinding(configuration))]
}

async function influxText({ influx_url: url }: Configuration, signal: AbortSignal): Promise<string> {
  if (url === undefined) return ''
  try {
    return `InfluxDB ${(await influxVersion(url, signal)) ?? 'of a version it does not tell'}; `
  } catch {
    // nothing is lost: the check of InfluxDB says that it does not answer
    return ''
  }
}

async function formatFinding({ data_dir: root }: Configuration): Promise<readonly Finding[]> {
  const check = 'data format'
  const layout = dataLayout(root)
  try {
    await requireFormat(layout)
    if (!(await isThere(layout.readings)) || !(await isThere(layout.facts))) return []
    const format = (await formatOf(layout)) ?? 'of before there were any'
    const { readings, facts } = schemaVersionsOf(layout)
    const found = `format ${format}, readings of schema ${readings}, facts of ${facts ?? 'none'}`
    if (format === DATA_FORMAT) return [{ check, state: 'ok', found }]
    return [older(check, found, layout)]
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return [{ check, state: 'bad', found: thrown.message, remedy: thrown.remedy }]
  }
}

function older(check: string, found: string, { root }: DataLayout): Finding {
  const remedy = `The next start brings ${root} to format ${DATA_FORMAT} and keeps the facts of before; make a backup first.`
  return { check, state: 'note', found, remedy }
}

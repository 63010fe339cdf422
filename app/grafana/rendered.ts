import { stringify } from 'yaml'
import { type GrafanaFile, grafanaFiles } from '../../dashboards/index.ts'
import type { RulePack } from '../../domain/index.ts'

/** Folders below `dashboards/grafana` that hold what is made and nothing else. */
export const MADE_FOLDERS = ['provisioning', 'datasources'] as const

/** What Grafana reads as text, by path below `dashboards/grafana`; the same packs give the same bytes. */
export function renderedFiles(packs: readonly RulePack[]): ReadonlyMap<string, string> {
  return new Map(grafanaFiles(packs).map((file) => [file.path, textOf(file)]))
}

function textOf({ format, comment, content }: GrafanaFile): string {
  if (format === 'json') return `${JSON.stringify(content, null, 2)}\n`
  // what JSON leaves out is left out here too
  const plain: unknown = JSON.parse(JSON.stringify(content))
  const above = comment.map((line) => `# ${line}\n`).join('')
  return above + stringify(plain, { lineWidth: 0, aliasDuplicateObjects: false })
}

import { resolve } from 'node:path'
import { writeFolders } from '../doors/made-folder.ts'
import { readRulePacks } from '../doors/rule-packs.ts'
import { terminal } from '../doors/terminal.ts'
import { MADE_FOLDERS, renderedFiles } from './rendered.ts'

/** `npm run dashboards:build`: writes what Grafana reads from its sources and the rule packs. */
const files = renderedFiles(await readRulePacks())
await writeFolders(resolve(import.meta.dirname, '../../dashboards/grafana'), MADE_FOLDERS, files)
terminal.print(`${files.size} files below dashboards/grafana/`)

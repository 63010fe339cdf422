import { dirname, join, normalize } from 'node:path'
import { type Import, importsOf } from './imports.ts'
import { type Finding, type Source, topFolder } from './source.ts'

/** What the files of one top folder may import. Anything that is not named is forbidden. */
export interface Layer {
  /** Other top folders, by their index.ts. */
  readonly folders: readonly string[] | 'all'
  /** Other top folders of which only types may be imported: the values come in as arguments. */
  readonly types?: readonly string[]
  /** npm packages. */
  readonly packages: readonly string[] | 'all'
  /** Whether modules of Node may be imported; which ones is the business of `doors.ts`. */
  readonly builtins: boolean
}

/**
 * The direction of the system (design section 2): a stage never imports the next one, it calls what `app`
 * passes in. A new row or a longer one is a decision; say why where the import is needed.
 */
export const layers: Readonly<Record<string, Layer>> = {
  domain: { folders: [], packages: [], builtins: false },
  journal: { folders: ['domain'], packages: [], builtins: true },
  store: { folders: ['domain'], packages: ['kysely', 'libphonenumber-js', 'pg'], builtins: true },
  gateway: { folders: ['domain'], types: ['journal'], packages: ['aedes'], builtins: true },
  ingest: { folders: ['domain'], types: ['journal', 'store'], packages: [], builtins: true },
  // The engine needs the domain alone; typebox and yaml read rule-pack files, nodemailer is the mail channel.
  alerts: { folders: ['domain'], packages: ['nodemailer', 'typebox', 'yaml'], builtins: true },
  // The engine's sweep and the readings come in as functions.
  batches: { folders: ['domain'], packages: [], builtins: false },
  // A report comes in as data and goes out as bytes.
  reports: { folders: ['domain'], packages: ['csv-stringify', 'write-excel-file'], builtins: true },
  api: {
    folders: ['domain'],
    types: ['store'],
    packages: [
      '@fastify/cookie',
      '@fastify/helmet',
      '@fastify/rate-limit',
      '@fastify/swagger',
      '@fastify/swagger-ui',
      '@fastify/type-provider-typebox',
      'fastify',
      'typebox',
    ],
    builtins: true,
  },
  // The page runs in browsers and knows the rest of the system by HTTP alone; Grafana's dashboards are data made of
  // rule packs, and know it by InfluxDB and Prometheus alone.
  dashboards: {
    folders: ['domain'],
    packages: ['@grafana/grafana-foundation-sdk', '@preact/signals', 'preact', 'uplot', 'vite'],
    builtins: false,
  },
  // Its own encoder: sharing the decoder of ingest would hide the bugs of both.
  'devices-sim': { folders: ['domain'], packages: ['csv-parse', 'luxon', 'mqtt'], builtins: true },
  app: {
    folders: [
      'alerts',
      'api',
      'batches',
      'dashboards',
      'devices-sim',
      'domain',
      'gateway',
      'ingest',
      'journal',
      'reports',
      'store',
    ],
    packages: ['cli-progress', 'commander', 'pino', 'prom-client', 'typebox', 'ws', 'yaml'],
    builtins: true,
  },
  tests: { folders: 'all', packages: 'all', builtins: true },
  bench: { folders: 'all', packages: 'all', builtins: true },
  // Runs before anything is installed.
  bin: { folders: [], packages: [], builtins: true },
  // Configuration of tools in the root folder.
  '': { folders: [], packages: ['vitest'], builtins: true },
}

/** The imports of a source that its layer does not allow. */
export function layerFindings(source: Source): readonly Finding[] {
  const folder = topFolder(source.path)
  const layer = layers[folder]
  if (layer === undefined) {
    const remedy = 'add a row to tests/tidy/layers.ts that says what it may import'
    return [{ path: source.path, line: 1, what: `the folder ${folder} has no layer`, remedy }]
  }
  return importsOf(source).flatMap((found) => {
    const objection = objectionTo(found, source.path, layer)
    return objection === undefined ? [] : [{ path: source.path, line: found.line, ...objection }]
  })
}

type Objection = Pick<Finding, 'what' | 'remedy'>

function objectionTo(found: Import, path: string, layer: Layer): Objection | undefined {
  const { specifier } = found
  if (specifier === '?') {
    if (topFolder(path) === 'tests') return undefined
    return { what: 'imports what is computed at run time', remedy: 'name the module in the import' }
  }
  if (specifier.startsWith('.')) return objectionToFile(found, path, layer)
  if (specifier.startsWith('node:')) {
    if (layer.builtins) return undefined
    return { what: `imports ${specifier}`, remedy: 'keep this layer pure; take what you need as an argument' }
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (layer.packages === 'all' || layer.packages.includes(name)) return undefined
  return {
    what: `imports the package ${name}, which is not of this layer`,
    remedy: 'use it where tests/tidy/layers.ts allows it and pass the result in',
  }
}

function objectionToFile({ specifier, typeOnly }: Import, path: string, layer: Layer): Objection | undefined {
  const target = normalize(join(dirname(path), specifier))
  const folder = topFolder(target)
  // styles, and documents that the page shows as they are
  if (topFolder(path) === 'dashboards' && /\.(?:css|md\?raw)$/.test(specifier)) return undefined
  if (!/\.(?:tsx?|mjs)$/.test(specifier)) {
    return { what: `imports ${specifier}`, remedy: 'write the real file name with .ts' }
  }
  if (folder === topFolder(path) || layer.folders === 'all') return undefined
  const isAllowed = layer.folders.includes(folder) || (typeOnly && layer.types?.includes(folder) === true)
  if (!isAllowed) {
    const remedy =
      'declare a port in this folder and let app pass the implementation in (import type where the table says so)'
    return { what: `imports ${folder}, which this layer may not see`, remedy }
  }
  if (target === `${folder}/index.ts`) return undefined
  return { what: `imports ${target}, the inside of another folder`, remedy: `import from ${folder}/index.ts` }
}

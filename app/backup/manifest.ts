import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { Problem } from '../../domain/index.ts'
import { TRIM_NOTE_NAME } from '../../journal/index.ts'
import { readTextIfThere, replaceFile } from '../doors/files.ts'
import { DATA_FORMAT } from '../format.ts'

/** The newest version of the manifest itself. In 2 there may be a note of what was removed of the journal. */
const MANIFEST_VERSION = 2
/** What releases before trimming know, too. */
const WITHOUT_NOTE = 1
/** Every file a backup can hold, and nothing that leads elsewhere. */
const FILE =
  '^(?:(?:journal/readings|audit)/\\d{20}\\.seg|journal/readings/trimmed\\.json|readings\\.sqlite|facts\\.sqlite|purpose|format\\.json)$'
const TRIM_NOTE_PATH = `journal/readings/${TRIM_NOTE_NAME}`
/** Far beyond what a disk of segments can hold; a longer list is no manifest. */
const FILES_MAX = 1_000_000

const count = Type.Integer({ minimum: 0 })

const manifestSchema = Type.Object({
  manifest: Type.Union([Type.Literal(WITHOUT_NOTE), Type.Literal(MANIFEST_VERSION)]),
  /** The release that made the backup. */
  product: Type.String(),
  /** Format of the data directory; 0 for one from before formats were written down. */
  format: count,
  /** The instant the backup is of, RFC 3339. */
  takenAt: Type.String(),
  positions: Type.Object({
    /** Records in the `readings` log, and in the `audit` log. */
    journal: count,
    audit: count,
    /** Version of the facts: acts so far. */
    facts: count,
    /** Of each consumer of the readings; null when there were no readings yet. */
    consumers: Type.Union([Type.Null(), Type.Record(Type.String(), count)]),
  }),
  files: Type.Array(
    Type.Object({
      path: Type.String({ pattern: FILE }),
      bytes: count,
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
    { maxItems: FILES_MAX },
  ),
})

/** What a backup holds: written last, so that a folder with it is whole. */
export type Manifest = Static<typeof manifestSchema>
/** One file of a backup; `path` is relative, with slashes. */
export type ManifestFile = Manifest['files'][number]

/** Where the manifest of a backup lies. */
export function manifestPath(folder: string): string {
  return join(folder, 'manifest.json')
}

/** The version of a manifest of these files: the oldest that can have them all, so that older releases restore it. */
export function versionFor(files: readonly ManifestFile[]): Manifest['manifest'] {
  return files.some(({ path }) => path === TRIM_NOTE_PATH) ? MANIFEST_VERSION : WITHOUT_NOTE
}

/** Writes the manifest, synced: from now on the backup counts. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await replaceFile(manifestPath(folder), Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`))
}

/**
 * Reads the manifest of a backup. Throws `backup-incomplete` when there is none, `backup-damaged` when it says what no
 * manifest says, `data-directory-version` when a newer release wrote it or the data directory.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = manifestPath(folder)
  const text = await readTextIfThere(path)
  if (text === undefined) throw incomplete(folder)
  const found = parsed(text)
  const { manifest, format } = { manifest: undefined, format: undefined, ...found }
  if (isAbove(manifest, MANIFEST_VERSION) || isAbove(format, DATA_FORMAT)) {
    throw new Problem('data-directory-version', {
      what: `The backup in ${folder} was made by a newer release of Isotherm: manifest ${String(manifest)}, format ${String(format)}; this one knows up to ${MANIFEST_VERSION} and ${DATA_FORMAT}.`,
      remedy: 'Restore it with the release that made it, or a later one.',
    })
  }
  if (!Value.Check(manifestSchema, found)) throw damagedBackup(`${path} does not say what a manifest says`)
  return found
}

/** Something in a backup is not what was written there; `what` has no full stop. */
export function damagedBackup(what: string, cause?: unknown): Problem {
  return new Problem('backup-damaged', {
    what: `${what}. Nothing was changed outside of the folder that was to be restored into.`,
    remedy: 'Restore an earlier backup, and look for a failing disk where this one lies.',
    cause,
  })
}

function parsed(text: string): object {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === 'object' && found !== null ? found : {}
  } catch {
    // Nothing is lost: what is no JSON does not say what a manifest says, and that is told.
    return {}
  }
}

function isAbove(value: unknown, known: number): boolean {
  return typeof value === 'number' && value > known
}

function incomplete(folder: string): Problem {
  return new Problem('backup-incomplete', {
    what: `${folder} holds no manifest.json: it is no backup, or one that was not finished.`,
    remedy: 'Name the folder that `isotherm backup --to` was given, of a backup that ended with 0.',
  })
}

import type { PageFile } from '../../api/index.ts'
import { Problem } from '../../domain/index.ts'
import { DEMO_PASSWORD, DEMO_PERSON } from './people.ts'

const DOCUMENT_NAME = 'index.html'
/** How the document of the page begins, with room for more attributes. */
const ROOT = '<html lang="zh-CN"'

/**
 * The files of the page as a demonstration serves them: the document says what it is before anybody has signed in, and
 * whom to sign in as, which is no secret. Throws `internal` when the document does not look as it was built.
 */
export function markedAsDemonstration(files: readonly PageFile[]): readonly PageFile[] {
  return files.map((file) => (file.name === DOCUMENT_NAME ? { ...file, bytes: marked(file.bytes) } : file))
}

function marked(bytes: Buffer): Buffer {
  const document = bytes.toString('utf8')
  if (document.split(ROOT).length !== 2) {
    throw new Problem('internal', {
      what: 'The document of the page has no place to say that this is a demonstration.',
      remedy: 'Remove .runtime/page and start again, which builds the page anew.',
    })
  }
  const mark = `${ROOT} data-demo-name="${DEMO_PERSON}" data-demo-password="${DEMO_PASSWORD}"`
  return Buffer.from(document.replace(ROOT, mark))
}

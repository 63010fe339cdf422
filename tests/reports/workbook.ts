import { crc32, inflateRawSync } from 'node:zlib'

/** A cell as the file has it: text or number. */
export type ReadCell = string | number | null

/**
 * Reads a workbook by hand, with nothing of what wrote it: the ZIP directory, then the XML of sheets and strings.
 * Answers the rows per sheet; throws where the archive is not whole or a cell is neither text nor number.
 */
export function readWorkbook(bytes: Uint8Array): ReadonlyMap<string, readonly (readonly ReadCell[])[]> {
  const files = unzip(Buffer.from(bytes))
  const strings = [...fileOf(files, 'xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map((match) =>
    [...(match[1] ?? '').matchAll(/<t[^>]*>(.*?)<\/t>/gs)].map((text) => unescaped(text[1] ?? '')).join(''),
  )
  const targets = new Map(
    [...fileOf(files, 'xl/_rels/workbook.xml.rels').matchAll(/<Relationship [^>]*>/g)].map(([tag]) => [
      attribute(tag, 'Id'),
      attribute(tag, 'Target').replace(/^\/?(?:xl\/)?/, 'xl/'),
    ]),
  )
  const sheets = [...fileOf(files, 'xl/workbook.xml').matchAll(/<sheet [^>]*>/g)].map(([tag]) => tag)
  return new Map(
    sheets.map((tag) => {
      const xml = fileOf(files, targets.get(attribute(tag, 'r:id')) ?? '')
      return [unescaped(attribute(tag, 'name')), rowsOf(xml, strings)]
    }),
  )
}

function rowsOf(xml: string, strings: readonly string[]): readonly (readonly ReadCell[])[] {
  if (/<f[ >]/.test(xml)) throw new Error('there is a formula')
  return [...xml.matchAll(/<row [^>]*?(?:\/>|>(.*?)<\/row>)/gs)].map((row) => {
    const cells: ReadCell[] = []
    for (const cell of (row[1] ?? '').matchAll(/<c ([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      const tag = cell[1] ?? ''
      cells[columnOf(attribute(tag, 'r'))] = valueOf(tag, cell[2], strings)
    }
    return Array.from(cells, (value) => value ?? null)
  })
}

function valueOf(tag: string, body: string | undefined, strings: readonly string[]): ReadCell {
  const value = /<v>(.*?)<\/v>/s.exec(body ?? '')?.[1]
  if (value === undefined) return null
  const type = / ?\bt="(\w+)"/.exec(tag)?.[1] ?? 'n'
  if (type === 's') return strings[Number(value)] ?? null
  if (type !== 'n') throw new Error(`a cell of type ${type}`)
  return Number(value)
}

function columnOf(address: string): number {
  const letters = /^[A-Z]+/.exec(address)?.[0] ?? ''
  return letters.split('').reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}

function attribute(tag: string, name: string): string {
  return new RegExp(`(?:^| )${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (_, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16))
    return named[String(name)] ?? ''
  })
}

function fileOf(files: ReadonlyMap<string, Buffer>, name: string): string {
  const file = files.get(name)
  if (file === undefined) throw new Error(`no ${name} in ${[...files.keys()].join(' ')}`)
  return file.toString('utf8')
}

/** The files of a ZIP archive, each checked against its CRC. */
export function unzip(archive: Buffer): ReadonlyMap<string, Buffer> {
  const end = archive.lastIndexOf('PK\u0005\u0006')
  const files = new Map<string, Buffer>()
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset))
    const header = archive.readUInt32LE(at + 42)
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
    const packed = archive.subarray(start, start + archive.readUInt32LE(at + 20))
    const content = archive.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed)
    if (crc32(content) !== archive.readUInt32LE(at + 16)) throw new Error('a file of the archive is damaged')
    files.set(archive.toString('utf8', at + 46, at + 46 + (name ?? 0)), content)
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0)
  }
  return files
}

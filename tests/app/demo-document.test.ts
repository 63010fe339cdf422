import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { markedAsDemonstration } from '../../app/demo/index.ts'

const file = (name: string, text: string) => ({ name, media: 'text/plain', bytes: Buffer.from(text) })

test('the document of the page says that it is a demonstration, and nothing else is changed', () => {
  const source = readFileSync('dashboards/live/index.html', 'utf8')
  const script = file('assets/index-1a2b.js', '<html lang="zh-CN">')
  const [document, ...others] = markedAsDemonstration([file('index.html', source), script])
  const text = String(document?.bytes)
  expect(text).toContain('<html lang="zh-CN" data-demo-name="demo" data-demo-password="xicheng-demo">')
  expect(text.replace(/ data-demo-name="demo" data-demo-password="xicheng-demo"/, '')).toBe(source)
  expect(others).toEqual([script])
})

test('a document that has no place for it is not served as if it were real', () => {
  expect(() => markedAsDemonstration([file('index.html', '<html lang="de">')])).toThrow(
    /no place to say that this is a demonstration/,
  )
})

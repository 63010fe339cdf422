import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dataLayout } from '../../app/layout.ts'
import { demonstrationOnly, purposeOf, requirePurpose } from '../../app/purpose.ts'
import type { CommandPort } from '../../store/index.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'iso-purpose-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('a data directory', () => {
  test('becomes for good what it is used for first', async () => {
    const layout = dataLayout(root)
    expect(await purposeOf(layout)).toBeUndefined()
    await requirePurpose(layout, 'demo')
    expect(readFileSync(layout.purpose, 'utf8')).toBe('demo\n')
    await requirePurpose(layout, 'demo')
    await expect(requirePurpose(layout, 'live')).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: `${root} holds the demonstration, which never becomes real operation.`,
    })
    expect(readFileSync(layout.purpose, 'utf8')).toBe('demo\n')
  })

  test('of before there was a demonstration is one of real operation', async () => {
    const layout = dataLayout(root)
    writeFileSync(layout.facts, '')
    await expect(requirePurpose(layout, 'demo')).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: `${root} holds real operation, and the demonstration was to be run in it.`,
    })
    await requirePurpose(layout, 'live')
    expect(await purposeOf(layout)).toBe('live')
  })

  test('that says something else is refused', async () => {
    const layout = dataLayout(root)
    writeFileSync(layout.purpose, 'both\n')
    await expect(requirePurpose(layout, 'live')).rejects.toMatchObject({ code: 'configuration-invalid' })
  })
})

test('in a demonstration no real organisation is created, and everything else passes', async () => {
  const passed: string[] = []
  const port = demonstrationOnly({
    command: (name: string) => {
      passed.push(name)
      return Promise.resolve({})
    },
  } as unknown as CommandPort)
  const actor = { kind: 'local', id: 'tests' } as const
  const organisation = { id: 'x', parent: null, kind: 'cdc', name: 'X' } as const
  const real = port.command('organisation.create', actor, { ...organisation, demo: false })
  await expect(real).rejects.toMatchObject({ code: 'demo-only' })
  await port.command('organisation.create', actor, { ...organisation, demo: true })
  await port.command('device.revoke', actor, { id: 'x', reason: 'lost' })
  expect(passed).toEqual(['organisation.create', 'device.revoke'])
})

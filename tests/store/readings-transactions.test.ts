import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CanonicalStore, openCanonicalStore } from '../../store/index.ts'

let folder: string
let store: CanonicalStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-transactions-'))
  store = openCanonicalStore({ path: join(folder, 'readings.sqlite') })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const ingest = () => store.transact((tx) => tx.cursor('ingest'))

describe('a transaction at length', () => {
  test('is one with all it did before and after it waited', async () => {
    const gate = Promise.withResolvers<void>()
    const running = store.transactAtLength(async (tx) => {
      tx.setCursor('census', 1)
      await gate.promise
      tx.setCursor('ingest', 2)
      return 'done'
    })
    await Promise.resolve()
    expect(ingest).toThrow(/begun inside another/)
    gate.resolve()
    expect(await running).toBe('done')
    expect(store.transact((tx) => [tx.cursor('census'), tx.cursor('ingest')])).toEqual([1, 2])
  })

  test('leaves nothing when it fails, and lets the next go on', async () => {
    const failure = new Error('not today')
    const failed = store.transactAtLength(async (tx) => {
      tx.setCursor('ingest', 5)
      await Promise.resolve()
      throw failure
    })
    await expect(failed).rejects.toBe(failure)
    expect(ingest()).toBe(0)
  })

  test('is waited for by jobs in turn and by others at length, one after the other', async () => {
    const order: string[] = []
    const atLength = (name: string) =>
      store.transactAtLength(async (tx) => {
        for (const part of ['begin', 'end']) {
          order.push(`${name} ${part}`)
          tx.setCursor('ingest', order.length)
          await new Promise((resolve) => setImmediate(resolve))
        }
      })
    const inTurn = (name: string) =>
      store.transactInTurn((tx) => {
        order.push(name)
        tx.setCursor('judge', order.length)
      })
    await Promise.all([atLength('a'), inTurn('b'), atLength('c'), inTurn('d')])
    expect(order.toSorted()).toEqual(['a begin', 'a end', 'b', 'c begin', 'c end', 'd'])
    for (const name of ['a', 'c']) {
      expect(order.indexOf(`${name} end`)).toBe(order.indexOf(`${name} begin`) + 1)
    }
  })

  test('rejects a job in turn with what it throws', async () => {
    await expect(
      store.transactInTurn(() => {
        throw new RangeError('no')
      }),
    ).rejects.toThrow(RangeError)
    expect(ingest()).toBe(0)
  })
})

import { isName, refusalReasons } from '../../domain/index.ts'
import type { RefusalCount } from '../contract.ts'
import { act } from './act.ts'
import { refusal } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { registeredDevices } from './lookups.ts'
import type { FactsReader } from './port.ts'

const HOUR_MS = 3_600_000
/** Counts in one call: about 100 ms of one transaction, and as many devices as one core serves. */
export const REFUSALS_PER_CALL_MAX = 10_000
/** Values one statement may bind on both databases. */
const ROWS_PER_STATEMENT = 500

/** Commands about what the gateway refused. */
export const refusalCommands: CommandHandlers<'refusals.add'> = {
  'refusals.add': async ({ tx, actor }, { rows }) => {
    checkRows(rows)
    const merged = await merge(tx, rows)
    if (merged.length === 0) return { added: 0 }
    const added = merged.reduce((sum, row) => sum + row.count, 0)
    await act(tx, {
      kind: 'refusals.add',
      actor,
      subject: 'refusals',
      reason: '',
      old: null,
      new: { rows: merged.length, added },
    })
    for (let from = 0; from < merged.length; from += ROWS_PER_STATEMENT) {
      await tx.run(
        tx.db
          .insertInto('refusal')
          .values(merged.slice(from, from + ROWS_PER_STATEMENT))
          .onConflict((conflict) =>
            conflict
              .columns(['device', 'reason', 'hourMs'])
              .doUpdateSet((eb) => ({ count: eb('refusal.count', '+', eb.ref('excluded.count')) })),
          ),
      )
    }
    return { added }
  },
}

function checkRows(rows: readonly RefusalCount[]): void {
  if (rows.length > REFUSALS_PER_CALL_MAX) {
    throw refusal(
      'bad-request',
      `${rows.length} counts of refusals are too many for one call.`,
      `Send at most ${REFUSALS_PER_CALL_MAX} at a time.`,
    )
  }
  const wrong = rows.find(
    ({ device, reason, hourMs, count }) =>
      (device !== '' && !isName(device)) ||
      !Object.hasOwn(refusalReasons, reason) ||
      !Number.isSafeInteger(hourMs) ||
      hourMs % HOUR_MS !== 0 ||
      !Number.isSafeInteger(count) ||
      count < 1,
  )
  if (wrong === undefined) return
  throw refusal(
    'bad-request',
    `A count of refusals is malformed: ${JSON.stringify(wrong).slice(0, 200)}.`,
    'Give a device id or "", a known reason, the start of an hour in epoch ms, and a count of at least 1.',
  )
}

/** One row per (device, reason, hour); names that are not registered share '', lest strangers fill the table. */
async function merge(reader: FactsReader, rows: readonly RefusalCount[]): Promise<RefusalCount[]> {
  const known = await registeredDevices(reader, [...new Set(rows.map((row) => row.device))])
  const merged = new Map<string, RefusalCount>()
  for (const { device, reason, hourMs, count } of rows) {
    const owner = known.has(device) ? device : ''
    const key = `${owner}/${reason}/${hourMs}`
    merged.set(key, { device: owner, reason, hourMs, count: count + (merged.get(key)?.count ?? 0) })
  }
  return [...merged.values()]
}

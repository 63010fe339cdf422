import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What is done to the store: a stored reading taken away, or given another value. */
export type Damage = 'lost' | 'phantom'

const statements: Readonly<Record<Damage, string>> = {
  lost: 'delete from reading where seq = 100',
  phantom: 'update reading set temperature_milli_c = temperature_milli_c + 10 where seq = 100',
}

/** Spoils one reading of a device in a data directory nobody uses: what a comparison must find. */
export function damageStore(dataDir: string, device: string, damage: Damage): void {
  const database = new DatabaseSync(join(dataDir, 'readings.sqlite'))
  try {
    const series = 'select s.no from series s join device d on d.no = s.device where d.id = ?'
    const { changes } = database.prepare(`${statements[damage]} and series = (${series})`).run(device)
    if (changes !== 1) throw new Error(`${changes} readings were spoiled, not one`)
  } finally {
    database.close()
  }
}

/** The kinds of damage, for the command line. */
export const damages = Object.keys(statements) as readonly Damage[]

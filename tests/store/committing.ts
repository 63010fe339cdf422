import { type Commit, openCanonicalStore } from '../../store/index.ts'

// node committing.ts PATH COMMIT...
// Makes commits of the canonical readings, one after the other, for a test that watches what is synced.

const [path = '', ...commits] = process.argv.slice(2)
const store = openCanonicalStore({ path })
for (const [at, commit] of commits.entries()) {
  store.transact((tx) => {
    tx.setCursor('ingest', at + 1)
  }, commit as Commit)
}
// not closed: that would sync everything
process.exit(0)

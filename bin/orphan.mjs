import { isMainThread } from 'node:worker_threads'

// Preloaded into the program that bin/isotherm.mjs starts. When that one is killed without a chance to pass a
// signal on, this process would live on unseen, with the ports and the data directory. It ends as abruptly as
// its parent did: whatever was acknowledged is durable by then.
if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel.unref()
}

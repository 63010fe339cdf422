import type { MessagePort, Worker } from 'node:worker_threads'

/** Two-way messages between two parts of Isotherm, in order, each delivered once while the channel is open. */
export interface Channel {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, when the other side is gone. */
  onClose(listener: () => void): void
  close(): void
}

/** A channel over a message port of `worker_threads`. Byte arrays are copied, not transferred. */
export function portChannel(port: MessagePort): Channel {
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.once('close', listener),
    close: () => {
      port.close()
    },
  }
}

/** A channel to a worker thread we started; closed when the thread ends. */
export function workerChannel(worker: Worker): Channel {
  return {
    post: (message) => {
      worker.postMessage(message)
    },
    onMessage: (listener) => void worker.on('message', listener),
    onClose: (listener) => void worker.once('exit', listener),
    close: () => void worker.terminate(),
  }
}

/** Something that watches until it is told to stop. */
export interface RunningWatch<Status> {
  status(): Status
  stop(): Promise<void>
}

/** Runs a watch; `run` ends once its signal aborts, and never rejects. */
export function runWatch<Status>(watch: {
  readonly status: Status
  run(signal: AbortSignal): Promise<void>
}): RunningWatch<Status> {
  const stopping = new AbortController()
  const running = watch.run(stopping.signal)
  return {
    status: () => watch.status,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

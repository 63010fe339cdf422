import { Presets, SingleBar } from 'cli-progress'
import type { ReplayProgress } from '../../devices-sim/index.ts'
import { terminal } from '../doors/terminal.ts'

/** A progress bar on a terminal; silent where nobody watches. */
export interface ProgressBar {
  show(progress: ReplayProgress): void
  close(): void
}

/** Opens a bar for this many readings. */
export function openProgressBar(total: number): ProgressBar {
  if (!terminal.interactive) return { show: () => undefined, close: () => undefined }
  const bar = new SingleBar(
    {
      format: '{bar} {percentage} % | {value} of {total} acknowledged | {eta_formatted} left {note}',
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0, { note: '' })
  return {
    show: (progress) => {
      const note = progress.connected ? '' : `| not connected: ${progress.lastLoss ?? 'connecting'}`
      bar.update(progress.acknowledged, { note })
    },
    close: () => {
      bar.stop()
    },
  }
}

/** How far a command is that works in steps; silent where nobody watches. */
export interface StepProgress {
  show(step: string, done: number, total: number): void
  close(): void
}

/** Opens a bar for each step in turn. */
export function openStepProgress(): StepProgress {
  if (!terminal.interactive) return { show: () => undefined, close: () => undefined }
  let current: { readonly step: string; readonly bar: SingleBar } | undefined
  return {
    show: (step, done, total) => {
      if (current?.step !== step) {
        current?.bar.stop()
        const bar = new SingleBar(
          { format: '{bar} {percentage} % | {step}', hideCursor: true },
          Presets.shades_classic,
        )
        bar.start(total, done, { step })
        current = { step, bar }
      }
      current.bar.update(done)
    },
    close: () => {
      current?.bar.stop()
    },
  }
}

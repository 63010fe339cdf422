import type { ExcursionReport, ReportLanguage } from '../../reports/index.ts'
import type { ReportFormat } from '../../store/index.ts'
import { startThread } from '../doors/threads.ts'
import { openLink } from '../link/index.ts'

/** What is to be written, and how. */
export interface RenderCall {
  readonly report: ExcursionReport
  readonly format: Exclude<ReportFormat, 'json'>
  readonly language: ReportLanguage
}

/**
 * Writes a report for people in a thread of its own, which ends with it: ten thousand rows take a workbook some six
 * seconds, and whoever asks for something else must not wait for that.
 */
export async function renderApart(call: RenderCall): Promise<Uint8Array> {
  const thread = startThread(new URL('./render-worker.ts', import.meta.url), undefined)
  const link = openLink(thread.channel, {})
  try {
    return (await link.call('render', call)) as Uint8Array
  } finally {
    await thread.stop()
  }
}

import { useState } from 'preact/hooks'
import { mayAt } from './catalogue.ts'
import { field } from './field.ts'
import { language, words } from './language.ts'
import { serverNowMs } from './live.ts'
import { printedDay, startOfDay } from './print.ts'
import { getFile } from './server.ts'

const DAY_MS = 86_400_000
const DAYS_BEFORE = 7

/** Downloads the excursion report of a place for some days. */
export function ReportForm({ place, zone }: { readonly place: string; readonly zone: string }) {
  const [told, setTold] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)
  if (!mayAt('reports:read', place)) return null
  const today = printedDay(serverNowMs.peek(), zone)
  const download = async (form: HTMLFormElement, format: string): Promise<void> => {
    const fromMs = startOfDay(field(form, 'from'), zone)
    // to the end of the last day, but not beyond now
    const lastMs = startOfDay(field(form, 'to'), zone)
    const toMs = Math.min(lastMs + DAY_MS, Math.floor(serverNowMs.peek()))
    if (!(fromMs < toMs)) {
      setTold(words.value.reportOrder)
      return
    }
    setBusy(true)
    setTold(words.value.downloading)
    const answer = await getFile(
      `reports/excursions?place=${place}&from=${fromMs}&to=${toMs}&format=${format}&lang=${language.value}`,
    )
    // the days as they were asked for: the server names them by UTC
    const days = [field(form, 'from'), field(form, 'to')].map((day) => day.split('-').join(''))
    if ('value' in answer) save(`excursions-${place}-${days.join('-')}.${format}`, answer.value)
    setTold('value' in answer ? undefined : words.value.failed(answer.refused.detail))
    setBusy(false)
  }
  return (
    <section class="panel">
      <h2>{words.value.report}</h2>
      <form class="report" onSubmit={(event) => event.preventDefault()}>
        <label>
          {words.value.reportFrom}
          <input
            type="date"
            name="from"
            required
            max={today}
            defaultValue={printedDay(serverNowMs.peek() - DAYS_BEFORE * DAY_MS, zone)}
          />
        </label>
        <label>
          {words.value.reportTo}
          <input type="date" name="to" required max={today} defaultValue={today} />
        </label>
        {['xlsx', 'csv'].map((format) => (
          <button
            key={format}
            type="button"
            class="second"
            disabled={isBusy}
            onClick={({ currentTarget: { form } }) => {
              if (form?.reportValidity() === true) void download(form, format)
            }}
          >
            {words.value.download(format.toUpperCase())}
          </button>
        ))}
      </form>
      <p role="status">{told}</p>
    </section>
  )
}

function save(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

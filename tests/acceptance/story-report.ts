import type { StoryCity } from './story-city.ts'

/** Readings in range on both points, every five minutes of [from, to). */
export function calm(firstSeq: number, from: number, to: number) {
  const count = (to - from) / 5
  return Array.from({ length: count }, (_, index) => {
    const minute = from + index * 5
    return [
      [firstSeq + index * 2, 'a', minute, 5],
      [firstSeq + index * 2 + 1, 'b', minute, 4.5],
    ] as const
  }).flat()
}

/** The report as far as the story looks at it. */
export interface Report {
  readonly excursions: readonly {
    readonly point: { readonly id: string }
    readonly start: string
    readonly limit: { readonly limit: number }
    readonly lots: readonly { readonly id: string; readonly to: string }[]
    readonly incident: {
      readonly told: readonly { readonly recipient: string; readonly kind: string }[]
    } | null
  }[]
  readonly completeness: { readonly totals: Readonly<Record<string, number>> }
}

/** The excursion report of the fridge, from before the story until it was calm again. */
export async function report(city: StoryCity): Promise<Report> {
  return JSON.parse((await file(city, 'json')).toString()) as Report
}

/** The same as a file. */
export async function file(city: StoryCity, format: 'json' | 'csv' | 'xlsx'): Promise<Buffer> {
  const period = `from=${city.at(-130)}&to=${city.at(-20)}`
  const { httpPort } = city.stage.running
  const answer = await fetch(
    `http://127.0.0.1:${httpPort}/api/v1/reports/excursions?place=fridge&${period}&format=${format}`,
    { headers: { authorization: `Bearer ${city.stage.key}` } },
  )
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return Buffer.from(await answer.arrayBuffer())
}

import type { PlaceFact } from '../../../domain/index.ts'
import type { FactsView, InfluxPoint } from '../../../store/index.ts'

/** What a place is, as a point of measurement `place` at an instant; undefined when it is retired. */
export function placePoint(view: FactsView, id: string, tMs: number): InfluxPoint | undefined {
  const place: PlaceFact | undefined = view.place(id)
  const site = place === undefined ? undefined : view.site(place.site)
  if (place === undefined || site === undefined || place.state === 'retired') return undefined
  return {
    measurement: 'place',
    tags: { site: site.id, place: id },
    tMs,
    fields: {
      name: place.name,
      kind: place.kind,
      label: `${place.name} · ${id}`,
      site_name: site.name,
      site_label: `${site.name} · ${site.id}`,
      organisation: site.organisation,
    },
  }
}

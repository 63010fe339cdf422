import { type AnnotationQuery, AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { colours } from './colours.ts'
import { regions } from './influxql.ts'
import { built, INFLUX } from './sources.ts'
import { dictionary, type Language } from './words.ts'

/** Findings as shaded regions of every chart, each switched on and off at the top of the dashboard. */
export function findingAnnotations(language: Language, where: string): readonly AnnotationQueryBuilder[] {
  const { annotations } = dictionary[language]
  return [
    annotation('excursion', annotations.excursions, colours.warm, language, where),
    annotation('condition', annotations.conditions, colours.unknown, language, where),
  ]
}

function annotation(
  measurement: 'excursion' | 'condition',
  name: string,
  color: string,
  language: Language,
  where: string,
): AnnotationQueryBuilder {
  const text = `text_${language}`
  const target = {
    refId: 'Anno',
    datasource: INFLUX,
    name,
    rawQuery: true,
    query: regions(measurement, text, where),
    resultFormat: 'time_series',
    fromAnnotations: true,
    textColumn: text,
    tagsColumn: 'rule',
    // the back end of Grafana calls columns by their measurement too, and takes these two only by their whole name
    titleColumn: `${measurement}.point`,
    timeEndColumn: `${measurement}.end_ms`,
  }
  const made = new AnnotationQueryBuilder()
    .name(name)
    .datasource(INFLUX)
    .enable(measurement === 'excursion')
    .iconColor(color)
    .target(built(target))
  const shown: AnnotationQuery = made.build()
  // the SDK hides the switch in a menu that older versions of Grafana do not have
  delete shown.placement
  delete shown.builtIn
  return made
}

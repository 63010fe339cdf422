import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { RulePack } from '../../domain/index.ts'
import { alertRules } from './alert-rules.ts'
import { cityDashboard } from './city.ts'
import { devicesDashboard } from './devices.ts'
import { excursionsDashboard } from './excursions.ts'
import type { DashboardName } from './links.ts'
import { lotDashboard } from './lot.ts'
import { placeDashboard } from './place.ts'
import { dashboardProviders, dataSources } from './provisioning.ts'
import { siteDashboard } from './site.ts'
import { systemDashboard } from './system.ts'
import { vehicleDashboard } from './vehicle.ts'
import { type Language, languages } from './words.ts'

/** A file for Grafana: where it is below `dashboards/grafana`, and what is in it. */
export interface GrafanaFile {
  readonly path: string
  /** `yaml` is a configuration of Grafana, `json` a dashboard. */
  readonly format: 'json' | 'yaml'
  /** What stands above it, line by line; JSON has no comments. */
  readonly comment: readonly string[]
  readonly content: object
}

/** Everything Grafana reads, made of the rule packs alone: the same packs give the same files. */
export function grafanaFiles(packs: readonly RulePack[]): readonly GrafanaFile[] {
  const yaml = (path: string, content: object, ...comment: string[]): GrafanaFile => ({
    path,
    format: 'yaml',
    comment: [MADE, ...comment],
    content,
  })
  return [
    yaml('provisioning/datasources/isotherm.yaml', dataSources(1), ENVIRONMENT, FOR_1),
    yaml('provisioning/dashboards/isotherm.yaml', dashboardProviders(), MOUNT),
    yaml('provisioning/alerting/isotherm.yaml', alertRules(), WHOM),
    yaml('datasources/influxdb-2.yaml', dataSources(2), ENVIRONMENT, FOR_2),
    yaml('datasources/influxdb-3.yaml', dataSources(3), ENVIRONMENT, FOR_3),
    ...languages.flatMap((language) =>
      Object.entries(dashboards(packs)).map(([name, made]) => ({
        path: `provisioning/dashboards/${language}/${name}.json`,
        format: 'json' as const,
        comment: [],
        content: made(language),
      })),
    ),
  ]
}

function dashboards(
  packs: readonly RulePack[],
): Readonly<Record<DashboardName, (of: Language) => Dashboard>> {
  return {
    city: cityDashboard,
    site: siteDashboard,
    place: (language) => placeDashboard(language, packs),
    vehicle: (language) => vehicleDashboard(language, packs),
    lot: lotDashboard,
    devices: (language) => devicesDashboard(language, packs),
    excursions: excursionsDashboard,
    system: systemDashboard,
  }
}

const MADE = 'Made by `npm run dashboards:build`; change the sources beside it instead.'
const ENVIRONMENT = 'Grafana puts its environment in place of $NAME.'
const FOR_1 =
  'InfluxDB 1.x; for 2.x and 3 put the file of that name from ../../datasources/ in place of this one.'
const FOR_2 =
  'InfluxDB 2.x: ISOTHERM_INFLUX_DATABASE is the database name of a DBRP mapping, the token may only read.'
const FOR_3 = 'InfluxDB 3 Core: in InfluxQL like the others.'
const MOUNT = 'The folder `provisioning` is mounted where Grafana looks for it; elsewhere correct the paths.'
const WHOM =
  'Whom Grafana calls is for its own contact points and notification policies; Isotherm calls people by itself.'

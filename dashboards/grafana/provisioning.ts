import { SOURCE_NAMES, SOURCE_UIDS } from './sources.ts'
import { dictionary, type Language, languages } from './words.ts'

/** Where the folder `provisioning` is in the container of Grafana. */
const MOUNTED = '/etc/grafana/provisioning'

/** How an InfluxDB is asked, by its generation; `$NAME` is put in by Grafana from its environment. */
const access = {
  1: {
    user: '$ISOTHERM_INFLUX_USER',
    secureJsonData: { password: '$ISOTHERM_INFLUX_PASSWORD' },
    jsonData: {},
  },
  2: {
    secureJsonData: { httpHeaderValue1: 'Token $ISOTHERM_INFLUX_TOKEN' },
    jsonData: { httpHeaderName1: 'Authorization' },
  },
  3: {
    secureJsonData: { httpHeaderValue1: 'Bearer $ISOTHERM_INFLUX_TOKEN' },
    jsonData: { httpHeaderName1: 'Authorization' },
  },
} as const

/** A generation of InfluxDB. */
export type Generation = keyof typeof access

/** Both data sources, for an InfluxDB of a generation, which is asked in InfluxQL whatever it is. */
export function dataSources(generation: Generation): object {
  const { jsonData, ...secrets } = access[generation]
  const influxdb = {
    name: SOURCE_NAMES.influxdb,
    uid: SOURCE_UIDS.influxdb,
    type: 'influxdb',
    access: 'proxy',
    orgId: 1,
    isDefault: true,
    editable: false,
    url: '$ISOTHERM_INFLUX_URL',
    ...secrets,
    jsonData: {
      version: 'InfluxQL',
      dbName: '$ISOTHERM_INFLUX_DATABASE',
      httpMode: 'POST',
      timeInterval: '1m',
      ...jsonData,
    },
  }
  const prometheus = {
    name: SOURCE_NAMES.prometheus,
    uid: SOURCE_UIDS.prometheus,
    type: 'prometheus',
    access: 'proxy',
    orgId: 1,
    editable: false,
    url: 'http://prometheus:9090',
    jsonData: { httpMode: 'POST', timeInterval: '15s' },
  }
  return { apiVersion: 1, datasources: [influxdb, prometheus] }
}

/** A folder of Grafana for each language, filled from a folder of files. */
export function dashboardProviders(): object {
  return { apiVersion: 1, providers: languages.map(provider) }
}

function provider(language: Language): object {
  return {
    name: `isotherm-${language}`,
    orgId: 1,
    type: 'file',
    folder: dictionary[language].folder,
    folderUid: `isotherm-${language}`,
    disableDeletion: false,
    allowUiUpdates: false,
    updateIntervalSeconds: 60,
    options: { path: `${MOUNTED}/dashboards/${language}`, foldersFromFilesStructure: false },
  }
}

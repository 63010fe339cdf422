export { type GrafanaFile, grafanaFiles } from './grafana/files.ts'

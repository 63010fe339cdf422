export { type ConfigurationSources, environmentName, loadConfiguration, shownConfiguration } from './load.ts'
export { type Configuration, type ConfigurationKey, configurationSchema, secretKeys } from './schema.ts'

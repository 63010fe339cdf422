export {
  type ConfigurationSources,
  environmentName,
  givenSettings,
  loadConfiguration,
  type Purpose,
  purposeFolders,
  shownConfiguration,
  tellsFolder,
} from './load.ts'
export { type Configuration, type ConfigurationKey, configurationSchema, secretKeys } from './schema.ts'
export { secretsOf } from './secrets.ts'
export { unknownVariables, unusedSettings } from './unused.ts'

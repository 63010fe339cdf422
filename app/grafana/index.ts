export { MADE_FOLDERS, renderedFiles } from './rendered.ts'

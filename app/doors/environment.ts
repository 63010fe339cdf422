/** The environment of the process, as it was at start. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env }
}

/** The folder the command was started in; relative paths of the configuration start there. */
export function workingDirectory(): string {
  return process.cwd()
}

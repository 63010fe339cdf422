import { hostname, userInfo } from 'node:os'

/** The person at the terminal, or the program that started us. */
export interface Terminal {
  /** One line of answer, on standard output. */
  print(line: string): void
  /** One line of explanation or progress, on standard error. */
  tell(line: string): void
  /** True when standard error is a terminal that can show a moving progress bar. */
  readonly interactive: boolean
}

/** Standard output and standard error of this process. */
export const terminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  tell: (line) => void process.stderr.write(`${line}\n`),
  interactive: process.stderr.isTTY,
}

/**
 * From now on nothing ends because whoever read its answer or its log has left (`isotherm ... | head`): the rest is
 * for nobody, and what is being done is done. Any other failure to write, such as a full disk, ends it with 1.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'EPIPE') return
      if (stream === process.stdout)
        terminal.tell(`isotherm: standard output cannot be written: ${thrown.message}`)
      process.exit(1)
    })
  }
}

/** Words of the command line, without interpreter and script. */
export function commandWords(): readonly string[] {
  return process.argv.slice(2)
}

/** Sets the code the process ends with once nothing is left to do. */
export function setExitCode(code: 0 | 1 | 2): void {
  process.exitCode = code
}

/** Ends the process now: only for a state in which going on could lose or falsify data. */
export function endProcess(code: 0 | 1 | 2): never {
  process.exit(code)
}

/** From now on files and folders this process creates are its owner's alone, also those that libraries create. */
export function keepFilesPrivate(): void {
  process.umask(0o077)
}

/** A terminal sends one Ctrl-C to every process of the group, and npm passes it on once more: it is one wish. */
const SAME_WISH_MS = 1_000

/** Aborts at the first SIGINT or SIGTERM; one more, later than an echo, ends the process at once with code 1. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let stoppedAtMs = 0
  const stop = (): void => {
    if (!controller.signal.aborted) stoppedAtMs = performance.now()
    else if (performance.now() - stoppedAtMs > SAME_WISH_MS) process.exit(1)
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}

/** Which process this is, for lock files and audit rows. */
export function processIdentity(): { readonly pid: number; readonly host: string; readonly account: string } {
  return { pid: process.pid, host: hostname(), account: accountName() }
}

/** A container may run under an account that its machine has no name for. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    // Nothing is lost: the number is the account, and tells as much.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

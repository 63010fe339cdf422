/**
 * The bootstrap's one error: what went wrong and where, what to do about it, and the exit code (1 = failed,
 * 2 = used wrongly). It is not `Problem` because it must run before there is a runtime that strips types.
 */
export class Complaint extends Error {
  /** @param {{ what: string, remedy: string, exitCode?: 1 | 2, cause?: unknown }} options */
  constructor({ what, remedy, exitCode = 1, cause }) {
    super(what, cause === undefined ? undefined : { cause })
    this.remedy = remedy
    this.exitCode = exitCode
  }
}

/** One line on standard error; standard output belongs to the command that is started. */
export function tell(text) {
  process.stderr.write(`isotherm: ${text}\n`)
}

/** Runs `main`, and turns a complaint into its two lines and its exit code. */
export async function endWith(main) {
  try {
    process.exitCode = await main()
  } catch (thrown) {
    if (!(thrown instanceof Complaint)) throw thrown
    process.stderr.write(`isotherm: ${thrown.message}\n  -> ${thrown.remedy}\n`)
    process.exitCode = thrown.exitCode
  }
}

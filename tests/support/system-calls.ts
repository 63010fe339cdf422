/** A moment in a trace: a call that begins, or one that ends and what it answered. */
export interface SystemCall {
  readonly name: string
  /** Where the first descriptor leads: a path, or `TCP:[...]`; empty when it was not told. */
  readonly target: string
  readonly descriptor: number
  readonly phase: 'begin' | 'end'
  /** What it answered; undefined at the beginning. */
  readonly answer: number | undefined
  /** All quoted bytes of its arguments, one behind the other: what a write writes. */
  readonly bytes: Buffer
}

/**
 * Words that start a program under strace so that `readSystemCalls` can read the trace: every thread, with targets and
 * all bytes. `more` are further words for strace.
 */
export function straceWords(
  traceFile: string,
  calls: readonly string[],
  more: readonly string[] = [],
): string[] {
  const shown = ['-f', '--seccomp-bpf', '-yy', '-s', '2000000', '-e', 'signal=none']
  // -D: the program stays our child, and gets our signals.
  return ['strace', '-D', ...shown, '-e', `trace=${calls.join(',')}`, ...more, '-o', traceFile]
}

/**
 * Reads what strace wrote, in the order in which it happened: a thread stands still while its call is written down,
 * so nobody in the process can know of an end that is not in the trace yet. Lines that are no calls are left out.
 */
export function readSystemCalls(trace: string): readonly SystemCall[] {
  const open = new Map<string, SystemCall>()
  return trace.split('\n').flatMap((line): SystemCall[] => {
    const resumed = /^(\d+) +<\.\.\. (\w+) resumed>.*\) += (-?\d+|\?)/.exec(line)
    if (resumed !== null) {
      const [, thread = '', , answer = ''] = resumed
      const begun = open.get(thread)
      open.delete(thread)
      return begun === undefined ? [] : [{ ...begun, phase: 'end', answer: answerOf(answer) }]
    }
    const begun = /^(\d+) +(\w+)\((\d+)(?:<((?:->|[^<>])*)>)?/.exec(line)
    if (begun === null) return []
    const [, thread = '', name = '', descriptor = '', target = ''] = begun
    const call = {
      name,
      target,
      descriptor: Number(descriptor),
      phase: 'begin',
      answer: undefined,
      bytes: quotedBytes(line),
    } as const
    if (line.endsWith('<unfinished ...>')) {
      open.set(thread, call)
      return [call]
    }
    const answer = /^.*\) += (-?\d+|\?)/.exec(line)?.[1] ?? '?'
    return [call, { ...call, phase: 'end', answer: answerOf(answer) }]
  })
}

function answerOf(text: string): number {
  return text === '?' ? Number.NaN : Number(text)
}

const letters: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, '"': 34, '\\': 92 }

/** The bytes of all strings in quotes, as C writes them. Throws when strace cut one short. */
function quotedBytes(line: string): Buffer {
  const parts: Buffer[] = []
  for (const [, text = '', cut] of line.matchAll(/"((?:[^"\\]|\\.)*)"(\.\.\.)?/g)) {
    if (cut !== undefined) throw new Error(`the trace has only the beginning of ${line.slice(0, 200)}`)
    const bytes: number[] = []
    for (const [whole, octal, letter] of text.matchAll(/\\([0-7]{1,3})|\\(.)|[^\\]/g)) {
      if (octal !== undefined) bytes.push(Number.parseInt(octal, 8))
      else bytes.push(letter === undefined ? whole.charCodeAt(0) : (letters[letter] ?? 0))
    }
    parts.push(Buffer.from(bytes))
  }
  return Buffer.concat(parts)
}

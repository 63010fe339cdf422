/** Epoch ms by the clock of this computer. */
export function nowMs(): number {
  return Date.now()
}

/** Whole milliseconds since the page was opened, by a clock that nobody sets. */
export function steadyMs(): number {
  return Math.floor(performance.now())
}

/** Calls `act` again and again until the answered function is called. */
export function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms)
  return () => clearInterval(timer)
}

/** Calls `act` once, later, unless the answered function is called before. */
export function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, ms)
  return () => clearTimeout(timer)
}

/** A request to the server this page came from. */
export function request(path: string, init: RequestInit): Promise<Response> {
  return fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' })
}

/** What this browser keeps under a name; undefined where it keeps nothing, or may not. */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined
  } catch {
    // Storage is switched off: every visit begins with the defaults, and nothing else is lost.
    return undefined
  }
}

/** Keeps a value in this browser. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Storage is switched off: the choice holds until the page is closed.
  }
}

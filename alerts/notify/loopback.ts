const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** True when what is sent to this host of a URL does not leave the machine, so that nobody on a network reads it. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname.toLowerCase())
}

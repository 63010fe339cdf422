import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc; Linux has one value for all programs. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
/** Where user and system time stand in a stat line, counted behind the name in brackets (man 5 proc). */
const USER_TIME_AT = 11
const SYSTEM_TIME_AT = 12

/** Processor time a process has used so far, all its threads together. */
export function processorSeconds(pid: number): number {
  return secondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** The same for each of its threads, by number; the first is the main thread. */
export function threadSeconds(pid: number): ReadonlyMap<number, number> {
  const folder = `/proc/${pid}/task`
  const threads = readdirSync(folder).map(Number)
  return new Map(
    threads.map((thread) => [thread, secondsIn(readFileSync(`${folder}/${thread}/stat`, 'utf8'))]),
  )
}

/** Memory of a process that is in RAM now, and the most it ever was, in MiB. */
export function residentMiB(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
  return { now: kib('VmRSS') / 1_024, most: kib('VmHWM') / 1_024 }
}

/** How many processes waited for a processor in the last minute, on average. */
export function loadAverage(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0])
}

function secondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[USER_TIME_AT]) + Number(fields[SYSTEM_TIME_AT])) / TICKS_PER_SECOND
}

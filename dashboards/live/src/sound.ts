import { computed, effect, signal } from '@preact/signals'
import type { Incident } from './answers.ts'
import { every } from './doors.ts'
import { openIncidents, peakOf } from './incidents.ts'
import { serverNowMs } from './live.ts'

/** How long a screen is silent for an incident. */
const MUTE_MS = 5 * 60_000
/** Sound comes back when the value goes on by this much, K. */
const WORSE_K = 1
/** One call of the alarm, and the pause after it. */
const CALL_MS = 2_000
/** Two tones that carry through a cold room and are not a telephone. */
const TONES_HZ = [880, 660] as const
const TONE_S = 0.28
const LOUDNESS = 0.25

interface Mute {
  readonly untilMs: number
  /** degC when it was muted; undefined when that was not known. */
  readonly peak: number | undefined
}

/** What this screen is silent for, by incident. */
export const mutes = signal<ReadonlyMap<string, Mute>>(new Map())
/** Whether the browser lets this page sound: not before somebody has touched it. */
export const canSound = signal(false)
const tick = signal(0)
let context: AudioContext | undefined

/** Incidents this screen calls for: nobody has taken them, they go on, and they are not muted here. */
export const calling = computed((): readonly Incident[] => {
  void tick.value
  return openIncidents.value.filter((each) => each.state === 'raised' && each.open && !isMuted(each))
})

function isMuted(incident: Incident): boolean {
  const mute = mutes.value.get(incident.id)
  return mute !== undefined && serverNowMs.value < mute.untilMs && !isWorse(incident, mute)
}

function isWorse(incident: Incident, mute: Mute): boolean {
  const peak = peakOf(incident)
  if (peak === undefined || mute.peak === undefined) return false
  const worseK = incident.cause === 'warm' ? peak - mute.peak : mute.peak - peak
  return worseK >= WORSE_K
}

/** True when this screen was muted for an incident and sounds again before its time, because it got worse. */
export function soundsAgain(incident: Incident): boolean {
  void tick.value
  const mute = mutes.value.get(incident.id)
  return mute !== undefined && serverNowMs.value < mute.untilMs && isWorse(incident, mute)
}

/** Silences this screen for one incident. */
export function muteHere(incident: Incident): void {
  const mute = { untilMs: serverNowMs.peek() + MUTE_MS, peak: peakOf(incident) }
  mutes.value = new Map(mutes.value).set(incident.id, mute)
}

/** Until when this screen is silent for an incident, by the server's clock; undefined when it is not. */
export function mutedUntil(incident: Incident): number | undefined {
  void tick.value
  return isMuted(incident) ? mutes.value.get(incident.id)?.untilMs : undefined
}

/** Switches the sound on; only what somebody does makes browsers allow it. */
export function allowSound(): void {
  context ??= newContext()
  if (context === undefined) return
  const { state } = context
  if (state === 'running') canSound.value = true
  else void context.resume().then(() => (canSound.value = context?.state === 'running'))
}

/** Safari 14.0 has it under its old name; undefined where there is no sound at all, which the page then says. */
function newContext(): AudioContext | undefined {
  const known: { AudioContext?: typeof AudioContext; webkitAudioContext?: typeof AudioContext } = window
  const Context = known.AudioContext ?? known.webkitAudioContext
  return Context === undefined ? undefined : new Context()
}

/** Calls for as long as something calls for it, in sound and in the title. */
export function startCalling(title: () => string): () => void {
  let isLit = false
  const stopGestures = allowAtFirstGesture()
  const stopTicking = every(CALL_MS / 2, () => {
    tick.value += 1
    const count = calling.value.length
    isLit = count > 0 && !isLit
    document.title = isLit ? `🔴 (${count}) ${title()}` : title()
    if (isLit && context?.state === 'running') sound(context)
  })
  const stopShowing = effect(() => {
    const isSounding = calling.value.length > 0
    document.documentElement.dataset['sound'] = !canSound.value ? 'off' : isSounding ? 'sounding' : 'ready'
  })
  return () => {
    stopGestures()
    stopTicking()
    stopShowing()
    document.title = title()
  }
}

function allowAtFirstGesture(): () => void {
  const gestures = ['pointerdown', 'keydown'] as const
  for (const each of gestures) document.addEventListener(each, allowSound)
  return () => {
    for (const each of gestures) document.removeEventListener(each, allowSound)
  }
}

function sound(audio: AudioContext): void {
  TONES_HZ.forEach((frequency, index) => {
    const oscillator = audio.createOscillator()
    const gain = audio.createGain()
    const from = audio.currentTime + index * TONE_S
    oscillator.frequency.value = frequency
    oscillator.type = 'triangle'
    // a soft edge: a hard one clicks
    gain.gain.setValueAtTime(0, from)
    gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02)
    gain.gain.setValueAtTime(LOUDNESS, from + TONE_S - 0.04)
    gain.gain.linearRampToValueAtTime(0, from + TONE_S)
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start(from)
    oscillator.stop(from + TONE_S)
  })
}

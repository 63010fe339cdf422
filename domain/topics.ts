import { isName } from './names.ts'

/** What a device may publish: measurements, its own state, answers to commands (design section 8). */
export const publishedKinds = ['readings', 'status', 'responses'] as const
/** One kind of message from a device. */
export type PublishedKind = (typeof publishedKinds)[number]

const PREFIX = 'isotherm/v1/'

/** The topic a device publishes `kind` on. */
export function publishTopic(deviceId: string, kind: PublishedKind): string {
  return `${PREFIX}${deviceId}/${kind}`
}

/** The only topic a device may subscribe to. */
export function commandTopic(deviceId: string): string {
  return `${PREFIX}${deviceId}/commands`
}

/** Reads a device-to-server topic; undefined when it is not one. */
export function parsePublishTopic(topic: string): { deviceId: string; kind: PublishedKind } | undefined {
  if (!topic.startsWith(PREFIX)) return undefined
  const deviceEnd = topic.indexOf('/', PREFIX.length)
  if (deviceEnd === -1) return undefined
  const deviceId = topic.slice(PREFIX.length, deviceEnd)
  if (!isName(deviceId)) return undefined
  const kind = topic.slice(deviceEnd + 1)
  const known = publishedKinds.find((each) => each === kind)
  return known === undefined ? undefined : { deviceId, kind: known }
}

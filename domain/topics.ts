import { isNameWithin } from './names.ts'

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
  const kind = publishedKindOf(topic)
  return kind === undefined ? undefined : { deviceId: topic.slice(PREFIX.length, -kind.length - 1), kind }
}

/** The kind of a device-to-server topic, without taking it apart; undefined when it is not one. */
export function publishedKindOf(topic: string): PublishedKind | undefined {
  if (!topic.startsWith(PREFIX)) return undefined
  const deviceEnd = topic.indexOf('/', PREFIX.length)
  // no name is empty, so a topic without that slash has none
  if (!isNameWithin(topic, PREFIX.length, deviceEnd)) return undefined
  for (const kind of publishedKinds) {
    if (topic.length === deviceEnd + 1 + kind.length && topic.endsWith(kind)) return kind
  }
  return undefined
}

/** Identifiers that appear in MQTT topics, URLs and InfluxDB tags share one safe alphabet (design section 8). */
export const NAME_PATTERN = '^[A-Za-z0-9._-]{1,64}$'
const NAME_CHARACTERS_MAX = 64
/** By the code of a character, 1 where a name may have it: every reading has two names to look at. */
const isNameCode = Uint8Array.from({ length: 128 }, (_none, code) =>
  Number(new RegExp(NAME_PATTERN).test(String.fromCharCode(code))),
)

/** True when `text` may be a device id, sensor name, site id or organisation id. */
export function isName(text: string): boolean {
  return isNameWithin(text, 0, text.length)
}

/** The same of the part of a text from one place to before another. */
export function isNameWithin(text: string, from: number, to: number): boolean {
  if (to <= from || to - from > NAME_CHARACTERS_MAX) return false
  for (let at = from; at < to; at += 1) {
    if (isNameCode[text.charCodeAt(at)] !== 1) return false
  }
  return true
}

/** The sensor a reading belongs to when the device does not say. */
export const DEFAULT_SENSOR = 'main'

/** The scope above every top-level organisation; a grant here reaches everything. Not an organisation. */
export const ROOT_SCOPE = 'root'

/**
 * The sensor's name outside its device: `<deviceId>/<sensorName>`, as used by `readings?sensor=` and the
 * InfluxDB tag `sensor`. `/` is not in the name alphabet, so the form is unambiguous.
 */
export function sensorPath(device: string, sensor: string): string {
  return `${device}/${sensor}`
}

/** Splits `device/sensor` (or a bare device id, meaning its `main` sensor); undefined when malformed. */
export function parseSensorPath(path: string): { device: string; sensor: string } | undefined {
  const [device, sensor, more] = path.split('/')
  if (device === undefined || more !== undefined || !isName(device)) return undefined
  if (sensor === undefined) return { device, sensor: DEFAULT_SENSOR }
  return isName(sensor) ? { device, sensor } : undefined
}

/**
 * Why a message or a reading is held (待查报文) instead of stored. Held is never lost: the record stays in the
 * journal and the row says what to do. The keys are part of the outside contract.
 */
export const heldReasons = {
  // the whole message
  'unknown-topic': 'The topic is not one this version reads. Update Isotherm or correct the device.',
  'not-utf8': 'The payload is not UTF-8 text. Send JSON encoded as UTF-8.',
  'malformed-json': 'The payload is not JSON (note that NaN and Infinity are not JSON). Correct the device.',
  'nested-too-deep':
    'The JSON nests deeper than a reading can. Send flat objects: at, seq, sensor and the measured values.',
  'not-a-reading': 'A message is one JSON object or an array of them. Correct the device.',
  'too-many-readings': 'The array holds more items than readings fit into a message. Correct the device.',
  'empty-message': 'The array holds no reading. Leave the message out instead.',
  // one reading
  'wrong-type':
    'A field has the wrong type: numbers as JSON numbers, doorOpen and mainsPower as true or false.',
  'bad-sensor-name':
    'A sensor name has 1 to 64 characters of A-Z a-z 0-9 . _ -. Rename the sensor on the device.',
  'bad-time': 'at is epoch milliseconds or an RFC 3339 time with its zone. Correct the device.',
  'no-values':
    'The reading measures nothing. Send at least one of temperature, humidity, battery, doorOpen, mainsPower, lat with lon.',
  'impossible-value':
    'The value cannot be a measurement: treat it as a sensor fault and check probe and cable.',
  'too-many-sensors':
    'The device names more sensors than allowed. Check for names that change from message to message.',
  'no-time': 'Several readings of one sensor in a message need a time each. Send at.',
  'instant-taken': 'Another reading without a number already holds this instant. Send seq.',
  conflict:
    'The same sensor, time and seq was already stored with another value. Decide which one is true (isotherm held decide).',
  'seq-reused': 'The device used this seq before with another time. Check for two devices with one identity.',
  'backfill-not-allowed':
    'The reading is late and carries no seq, so it cannot be told from invention. Send seq.',
  'future-time':
    'The time lies more than 5 minutes in the future and the reading is not live. Set the clock of the device.',
  'unset-clock':
    'The time is what a clock shows before it is set, and the reading is not live. Set the clock of the device.',
  'before-accept-from':
    'The time lies before the date from which this device is accepted. Change acceptFrom if it is true.',
} as const satisfies Record<string, string>

/** Why something is held; see `heldReasons`. */
export type HeldReason = keyof typeof heldReasons

/** What became of one reading of a decoded message (promise 2). */
export type ReadingOutcome = 'stored' | 'complement' | 'duplicate' | 'held'

/**
 * Why the gateway refused something before acknowledging it. The device keeps what it tried to send.
 * Counted per (device, reason, hour).
 */
export const refusalReasons = {
  'unknown-device': 'Register the device, or correct its user name.',
  'wrong-secret': 'Give the device its secret again; a new one can be issued.',
  'untrusted-certificate':
    'Give the device a certificate of the authority in tls_client_ca that is valid now, or let it show none.',
  'certificate-mismatch': 'Sign in with the common name of the certificate as user name, or with none.',
  'device-revoked': 'The device was revoked. Register a new one if this was a mistake.',
  'foreign-topic': 'A device publishes below isotherm/v1/<its own id>/ only. Correct the topic.',
  'foreign-subscription':
    'A device subscribes to isotherm/v1/<its own id>/commands only. Correct the filter.',
  'packet-too-large': 'Split the message: the payload may have 61,440 bytes.',
  'malformed-packet': 'What arrived is not MQTT 3.1.1. Check the protocol version and the port.',
  'persistent-session': 'Connect with a clean session; the device keeps what is not acknowledged.',
  'unsupported-protocol': 'Connect with MQTT 3.1.1.',
  'bad-keepalive': 'Use a keepalive of 1 to 3600 seconds.',
  'too-many-connections': 'Wait and connect again; check for a device that reconnects in a loop.',
  'connecting-too-fast':
    'Wait longer between attempts, 10 s and more; check for devices that reconnect in a loop.',
  'contested-identity':
    'Two devices use this identity, or one reconnects in a loop. Give each device an id and a secret of its own.',
  'too-many-in-flight': 'Wait for acknowledgements before sending more.',
  'journal-unavailable': 'The server cannot keep data at the moment; the device must keep it and retry.',
} as const satisfies Record<string, string>

/** Why the gateway refused; see `refusalReasons`. */
export type RefusalReason = keyof typeof refusalReasons

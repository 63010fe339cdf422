import type { FactsView } from './view.ts'

/** What the gateway admits a device by. */
export interface DeviceAdmission {
  readonly id: string
  readonly state: 'active' | 'revoked'
  /** SHA-256 (hex) of the device's present secret, as `sha256Hex` gives it. */
  readonly secretSha256: string
}

/** Admission of devices from a view; has the shape the gateway asks for. */
export interface DeviceAdmissions {
  readonly ready: boolean
  find(deviceId: string): DeviceAdmission | undefined
  onChange(listener: (deviceId: string) => void): () => void
}

/**
 * Admission of devices as the view has it. `onChange` tells devices that were revoked or got another secret, and
 * new ones; other facts of a device do not matter here.
 */
export function devicePolicies(view: FactsView): DeviceAdmissions {
  const listeners = new Set<(deviceId: string) => void>()
  const told = new Map<string, string>()
  const find = (id: string): DeviceAdmission | undefined => {
    const device = view.device(id)
    const secret = view.deviceSecret(id)
    if (device === undefined || secret === undefined) return undefined
    return { id, state: device.state, secretSha256: secret.sha256 }
  }
  view.onDeviceChange((id) => {
    const policy = find(id)
    const shown = `${policy?.state} ${policy?.secretSha256}`
    if (told.get(id) === shown) return
    told.set(id, shown)
    for (const listener of listeners) listener(id)
  })
  return {
    get ready() {
      return view.ready
    },
    find,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The facts ingest judges a device's readings by. */
export interface DeviceFactsAt {
  /** Readings before this instant are distrusted, epoch ms. */
  readonly acceptFromMs: number
  readonly expectedIntervalMs: number
}

/**
 * The facts that held for a device when a record was received (epoch ms); undefined for a device the view does not
 * know. A record from before the registration (a clock was set back) is judged by the first facts of the device.
 */
export function deviceFactsAt(view: FactsView, device: string, atMs: number): DeviceFactsAt | undefined {
  const row = view.device(device, atMs) ?? view.deviceHistory(device)[0]
  if (row === undefined) return undefined
  return { acceptFromMs: row.acceptFrom, expectedIntervalMs: row.expectedInterval }
}

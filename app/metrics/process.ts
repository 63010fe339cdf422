import type { Certificates } from '../certificates/index.ts'
import { watchEventLoop } from '../doors/event-loop.ts'
import { readSoftwareVersion } from '../doors/version.ts'
import type { Sample } from './definitions.ts'
import type { SampleSource } from './registry.ts'

/** What any process that serves HTTP knows of itself. */
export function processSamples(certificates: Certificates | undefined): SampleSource {
  const delay = watchEventLoop('main')
  const version = readSoftwareVersion()
  // asked for again by every scrape, which then says why it cannot be read
  version.catch(() => undefined)
  return async () => [
    { name: 'isotherm_build_info', labels: { version: await version }, value: 1 },
    ...delay(),
    ...(certificates === undefined ? [] : certificateSamples(certificates)),
  ]
}

function certificateSamples(certificates: Certificates): readonly Sample[] {
  return [
    {
      name: 'isotherm_certificate_expires_timestamp_seconds',
      value: certificates.material.validToMs / 1_000,
    },
    { name: 'isotherm_certificate_usable', value: certificates.state().state === 'bad' ? 0 : 1 },
  ]
}

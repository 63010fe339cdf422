import mqttPacket from 'mqtt-packet'
import type { SystemCall } from '../support/system-calls.ts'

/** A message as its sender knows it. */
export interface Sent {
  /** Bytes that stand in this message only. */
  readonly mark: string
  /** Port of the sender's end of the connection, and the packet id on it. */
  readonly port: number
  readonly packetId: number
}

/** What a trace says about acknowledgements. */
export interface Verdict {
  /** PUBACKs that came after the end of a sync that began after their record was written. */
  readonly proven: number
  /** One line for each that did not. */
  readonly early: readonly string[]
}

/**
 * Holds each PUBACK in the trace against the writes and syncs of the segments below `journal`. `sent` says which
 * message it is for.
 */
export function judgeAcknowledgements(
  calls: readonly SystemCall[],
  journal: string,
  sent: readonly Sent[],
): Verdict {
  const marks = new Map(sent.map((each) => [`${each.port}/${each.packetId}`, each.mark]))
  const segments = new Map<string, SegmentTrace>()
  const connections = new Map<string, Connection>()
  const early: string[] = []
  let proven = 0
  for (const call of calls) {
    if (call.target.startsWith(`${journal}/`)) {
      const segment = segments.get(call.target) ?? new SegmentTrace()
      segments.set(call.target, segment)
      segment.see(call)
    }
    const port = /^TCP(?:v6)?:\[.*->.*:(\d+)\]$/.exec(call.target)?.[1]
    if (port === undefined || call.phase !== 'begin') continue
    const connection = connections.get(port) ?? new Connection()
    connections.set(port, connection)
    for (const packetId of connection.acknowledgedBy(call.bytes)) {
      const name = `PUBACK ${packetId} on port ${port}`
      const mark = marks.get(`${port}/${packetId}`)
      if (mark === undefined) early.push(`${name} is for nothing that was sent`)
      else if ([...segments.values()].some((segment) => segment.hasSynced(mark))) proven += 1
      else early.push(`${name} left before the sync of its record (${mark}) ended`)
    }
  }
  return { proven, early }
}

/** What is known of one segment file at a place of the trace. */
class SegmentTrace {
  private written: Buffer[] = []
  /** Written before a sync that is under way began. */
  private covered: Buffer[] | undefined
  private synced = ''

  see(call: SystemCall): void {
    if (call.name === 'pwrite64' && call.phase === 'end') {
      this.written.push(call.bytes.subarray(0, Math.max(0, call.answer ?? 0)))
    }
    if (call.name !== 'fdatasync' && call.name !== 'fsync') return
    if (call.phase === 'begin') this.covered = [...this.written]
    else if (call.answer === 0) this.synced = Buffer.concat(this.covered ?? []).toString('latin1')
  }

  hasSynced(mark: string): boolean {
    return this.synced.includes(mark)
  }
}

/** What left on one connection. */
class Connection {
  private readonly parser = mqttPacket.parser()
  private acknowledged: number[] = []

  constructor() {
    this.parser.on('packet', (packet) => {
      if (packet.cmd === 'puback') this.acknowledged.push(packet.messageId ?? 0)
    })
  }

  acknowledgedBy(bytes: Buffer): readonly number[] {
    this.acknowledged = []
    this.parser.parse(bytes)
    return this.acknowledged
  }
}

import { describe, expect, test } from 'vitest'
import { TurnEnd } from '../../gateway/turn-end.ts'
import { guarded } from './guarded.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the end of a turn', () => {
  test('has all send once, in the order of the calls, and not before', async () => {
    const turnEnd = new TurnEnd()
    const sent: number[] = []
    for (let nth = 0; nth < 3; nth += 1) turnEnd.sends({ sendAcknowledgements: () => sent.push(nth) })
    expect(sent).toEqual([])
    await turn()
    expect(sent).toEqual([0, 1, 2])
    turnEnd.sends({ sendAcknowledgements: () => sent.push(9) })
    await turn()
    expect(sent).toEqual([0, 1, 2, 9])
  })

  test('has each connection send all it has in one write, in the order of its messages', async () => {
    const turnEnd = new TurnEnd()
    const [one, other, gone] = [guarded({ turnEnd }), guarded({ turnEnd }), guarded({ turnEnd })]
    expect([1, 2, 0x1234].map((id) => one.guard.acknowledge(id))).toEqual([true, true, true])
    expect(other.guard.acknowledge(7)).toBe(true)
    expect(gone.guard.acknowledge(8)).toBe(true)
    gone.guard.destroy()
    expect(gone.guard.acknowledge(9)).toBe(false)
    await turn()
    expect(one.socket.written).toEqual([Buffer.from('400200014002000240021234', 'hex')])
    expect(other.socket.written).toEqual([Buffer.from('40020007', 'hex')])
    expect(gone.socket.written).toEqual([])
    one.guard.acknowledge(3)
    await turn()
    expect(one.socket.written.length).toBe(2)
    expect(one.socket.written[1]).toEqual(Buffer.from('40020003', 'hex'))
  })
})

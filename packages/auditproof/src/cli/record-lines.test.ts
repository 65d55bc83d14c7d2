import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { AuditError } from '../errors.ts'
import type { MalformedLine, RawRecord } from '../import/records.ts'
import type { Ack } from '../recorder/ack.ts'
import { recordLimits, recordLines } from './record-lines.ts'

function line(number: number, value: object): RawRecord {
  const text = JSON.stringify(value)
  return { number, text, bytes: Buffer.from(text), value: value as RawRecord['value'] }
}

async function* from(...lines: (RawRecord | MalformedLine)[]): AsyncGenerator<RawRecord | MalformedLine> {
  yield* lines
}

const ack = (id: string): Ack => ({
  id,
  tenant: 'default',
  state: 'stored',
  published: () => Promise.reject(new Error('nobody asks')),
})

test('acks come in the order of the lines, whichever event is durable first', async () => {
  const acks: string[] = []
  const counts = await recordLines({
    lines: from(line(1, { action: 'slow' }), { number: 2, reason: 'it is not JSON' }, line(3, { action: 'quick' })),
    record: async (action) => {
      if (action === 'slow') await sleep(20)
      return ack(action)
    },
    onAck: async ({ id }) => void acks.push(id),
    onRefused: (number, reason) => acks.push(`${number}: ${reason}`),
  })
  expect(acks).toEqual(['2: it is not JSON', 'slow', 'quick'])
  expect(counts).toEqual({ recorded: 2, duplicates: 0, refused: 1 })
})

test('an ack does not wait for the next line', async () => {
  let acked = (): void => {}
  const wasAcked = new Promise<void>((resolve) => (acked = resolve))
  async function* slowSource(): AsyncGenerator<RawRecord> {
    yield line(1, { action: 'a.b' })
    await wasAcked // would wait for ever
  }
  await recordLines({
    lines: slowSource(),
    record: async (action) => ack(action),
    onAck: async () => acked(),
    onRefused: () => {},
  })
})

test('no more is under way than the limit, so a slow store slows the reader', async () => {
  let underWay = 0
  let most = 0
  async function* many(): AsyncGenerator<RawRecord> {
    for (let i = 1; i <= 3 * recordLimits.underWayEvents; i++) yield line(i, { action: 'a.b' })
  }
  await recordLines({
    lines: many(),
    record: async (action) => {
      most = Math.max(most, ++underWay)
      await sleep(1)
      underWay--
      return ack(action)
    },
    onAck: async () => {},
    onRefused: () => {},
  })
  expect(most).toBeLessThanOrEqual(recordLimits.underWayEvents)
})

test('an event that the store refuses for what it is stops nothing', async () => {
  const refused: number[] = []
  const counts = await recordLines({
    lines: from(line(1, { action: 'a.b' }), line(2, { action: 'x' }), line(3, {})),
    record: async (action) => {
      if (action === 'a.b') throw new AuditError('id_conflict', 'there with other content')
      return ack(action)
    },
    onAck: async () => {},
    onRefused: (number) => refused.push(number),
  })
  expect(counts).toEqual({ recorded: 1, duplicates: 0, refused: 2 })
  expect(refused.toSorted((a, b) => a - b)).toEqual([1, 3])
})

test('a store that fails ends the run, with the line that was not recorded', async () => {
  const acks: string[] = []
  const run = recordLines({
    lines: from(line(1, { action: 'a' }), line(2, { action: 'b' }), line(3, { action: 'c' })),
    record: async (action) => {
      if (action === 'b') throw new AuditError('disk_full', 'The disk is full.')
      return ack(action)
    },
    onAck: async ({ id }) => void acks.push(id),
    onRefused: () => {},
  })
  await expect(run).rejects.toThrow(/Line 2 was not recorded: The disk is full/)
  expect(acks[0]).toBe('a')
})

test('a hidden __proto__ stays a member of the event and touches no prototype', async () => {
  const given: object[] = []
  const value = JSON.parse('{"action":"a.b","__proto__":{"polluted":1}}') as object
  await recordLines({
    lines: from(line(1, value)),
    record: async (action, event) => {
      given.push(event)
      return ack(action)
    },
    onAck: async () => {},
    onRefused: () => {},
  })
  expect(Object.getPrototypeOf(given[0])).toBe(Object.prototype)
  expect(Object.hasOwn(given[0]!, '__proto__')).toBe(true)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

/** What nobody hands over by accident: each costs a bounded time and comes out as an event. */
import { describe, expect, it } from 'vitest'
import { limits, parseSubmission, takeSubmission, type Stamp } from './index.ts'

const stamp: Stamp = {
  now: '2026-01-01T00:00:00.000Z',
  newId: () => 'new-id',
  deriveId: () => 'derived-id',
  producer: () => ({ id: 'test', boot: '0123456789abcdef', n: 0 }),
  defaultTenant: 'default',
  origin: { kind: 'direct' },
  trusted: false,
}

const thrower = (): never => {
  throw new Error('hostile')
}
const throwingProxy = (target: object): object =>
  new Proxy(target, {
    get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower, getOwnPropertyDescriptor: thrower,
  }) // prettier-ignore
function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}
const lying = (length: unknown): unknown =>
  new Proxy([], { get: (target, key) => (key === 'length' ? length : Reflect.get(target, key)) })
const deep = (levels: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 'end'
  for (let i = 0; i < levels; i++) value = wrap(value)
  return value
}
const endless = (): unknown => Object.defineProperty({}, 'next', { enumerable: true, get: endless })
const endlessJson = (): unknown => ({ toJSON: endlessJson })
const cycle: Record<string, unknown> = {}
cycle['self'] = cycle
const long = 'ä'.repeat(5_000_000)
const keys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i]))
const manyKeys = keys(100_000)
const items = (count: number, item: unknown): unknown[] => Array.from({ length: count }, () => item)
class EvilSet extends Set {
  override *[Symbol.iterator](): SetIterator<unknown> {
    for (;;) yield 1
  }
}
const forged = (prototype: object): unknown => Object.create(prototype) as unknown
const shadowed = Object.defineProperties(new Uint8Array(8), {
  byteLength: { value: { not: 'a number' } },
  constructor: { value: { name: { not: 'a text' } } },
})
class EvilDate extends Date {
  override toISOString(): string {
    return { not: 'a text' } as never
  }
  override getTime(): number {
    return thrower()
  }
}
const growing = '"\u0001\u0085\ud800\\'.repeat(60_000)

const values: [string, unknown][] = [
  ['a proxy whose traps throw', throwingProxy({})],
  ['a list behind a proxy whose traps throw', throwingProxy([1])],
  ['a revoked proxy', revoked({})],
  ['a revoked list', revoked([])],
  ['a list that claims 2^53 items', lying(2 ** 53)],
  ['a list that claims to be endless', lying(Number.POSITIVE_INFINITY)],
  ['a list whose length is an object', lying({ valueOf: thrower })],
  ['a list of 10^9 holes', Object.assign([], { length: 1_000_000_000 })],
  ['300,000 texts', items(300_000, 'x')],
  ['300,000 objects', items(300_000, { type: 'a', id: 'b', name: 'c' })],
  ['100,000 keys', manyKeys],
  ['100,000 keys, a thousand times', items(1000, manyKeys)],
  ['a map of 300,000', new Map(items(300_000, 0).map((_, i) => [i, i]))],
  ['a map whose keys cannot be texts', new Map<unknown, unknown>([[throwingProxy({}), 1], [{ toString: thrower }, 2], [Symbol('s'), 3], [cycle, 4]])],
  ['a set of 300,000', new Set(items(300_000, 0).map((_, i) => i))],
  ['a set that iterates for ever', new EvilSet([1, 2, 3])],
  ['a forged date', forged(Date.prototype)],
  ['a forged map', forged(Map.prototype)],
  ['a forged set', forged(Set.prototype)],
  ['a forged error', forged(Error.prototype)],
  ['a forged list', forged(Array.prototype)],
  ['a date that gives objects', new EvilDate()],
  ['bytes with other members', shadowed],
  ['100 MB of bytes', new Uint8Array(100_000_000)],
  ['100,000 levels of objects', deep(100_000, (inner) => ({ inner }))],
  ['100,000 levels of lists', deep(100_000, (inner) => [inner])],
  ['getters that give a new object each time', endless()],
  ['toJSON that gives a new object each time', endlessJson()],
  ['toJSON that throws', { toJSON: thrower }],
  ['toJSON that gives nothing', { toJSON: () => undefined }],
  ['a cycle', cycle],
  ['a text of 10 MB', long],
  ['a hundred texts of 10 MB', items(100, long)],
  ['a text of 5 million boxed characters', new String(long)],
  ['a key of 10 MB', { [long]: long }],
  ['text that grows when it is made storable', growing],
  ['keys that grow when they are made storable', { [growing]: growing, [growing + growing]: growing }],
  ['30,000 keys that all become one', Object.fromEntries(items(30_000, 0).map((_, i) => [String.fromCharCode(0xd800 + (i % 2048), 0xd800 + (i >> 11)), 1]))],
  ['a bigint of a million digits', 2n ** 4_000_000n],
  ['symbols', { [Symbol('k')]: 1, value: Symbol('v') }],
  ['functions', { f: thrower, g: Date }],
  ['an error whose message throws', Object.defineProperty(new Error('x'), 'message', { get: thrower })],
  ['numbers that JSON has not', [Number.NaN, Number.NEGATIVE_INFINITY, -0, 2 ** 60, 5e-324]],
] // prettier-ignore

const places = [
  'id', 'tenant', 'occurredAt', 'outcome', 'severity', 'actor', 'target', 'targets', 'scope', 'reason', 'changes',
  'before', 'after', 'context', 'details', 'origin', 'other',
] // prettier-ignore

/** Generous: the slowest machines of a build run this beside other tests. What is not bounded takes minutes. */
const boundMs = 1000

/** @returns milliseconds */
function expectTaken(action: unknown, input: unknown): number {
  const started = performance.now()
  const json = JSON.stringify(takeSubmission(action, input, stamp))
  const elapsed = performance.now() - started
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(limits.eventBytesMax)
  expect(JSON.stringify(parseSubmission(json)) === json).toBe(true)
  return elapsed
}

describe.each(values)('%s', (_, value) => {
  it('is taken as the event, and as the action', () => {
    expect(expectTaken('x', value)).toBeLessThan(boundMs)
    expect(expectTaken(value, {})).toBeLessThan(boundMs)
  })

  it('is taken in each place', () => {
    for (const place of places) expect(expectTaken('x', { [place]: value }), place).toBeLessThan(boundMs)
  })

  it('is taken in every place at once, and inside of them', () => {
    expect(expectTaken(value, Object.fromEntries(places.map((place) => [place, value])))).toBeLessThan(boundMs)
    const inside = {
      actor: { id: value, roles: value, onBehalfOf: value, more: value },
      context: { ip: value, forwarded: value, http: value, more: value },
      reason: { code: value, text: value },
      targets: [value, { type: value, id: value, name: value, more: value }],
      changes: [value, { path: '/a', op: value, old: value, new: value, more: value }, { path: value }],
      details: { value },
      origin: { kind: value, source: value, flags: value },
      before: { value },
      after: { value: 1 },
    }
    expect(expectTaken('x', inside)).toBeLessThan(boundMs)
  })
})

import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clearMembersProblem } from './clear.ts'
import { limits, parseSubmission, takeSubmission, type EventInput, type Stamp, type TakenSubmission } from './index.ts'

const stamp: Stamp = {
  now: '2026-01-01T00:00:00.000Z',
  newId: () => 'new-id',
  deriveId: (text) => `derived-${text.length}`,
  producer: () => ({ id: 'test', boot: '0123456789abcdef', n: 7 }),
  defaultTenant: 'default',
  origin: { kind: 'direct' },
  trusted: false,
}
const take = (input?: unknown, action: unknown = 'case.update'): TakenSubmission => takeSubmission(action, input, stamp)
const flagsOf = (input?: unknown, action?: unknown): string[] => take(input, action).origin.flags ?? []
const unfitOf = (input?: unknown, action?: unknown): unknown => take(input, action).details?.['_unfit']

/** What has to hold for everything that comes out of the door. */
function expectSound(submission: TakenSubmission): void {
  expect(clearMembersProblem({ ...submission, recordedAt: stamp.now })).toBe(undefined)
  const json = JSON.stringify(submission)
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(limits.eventBytesMax)
  const parsed = parseSubmission(json)
  expect(parsed).toEqual(submission)
  expect(JSON.stringify(parsed)).toBe(json)
}

describe('takeSubmission', () => {
  it('fills in what is not given', () => {
    expect(take()).toEqual({
      id: 'new-id',
      tenant: 'default',
      occurredAt: stamp.now,
      timed: false,
      action: 'case.update',
      outcome: 'success',
      severity: 'info',
      actor: { type: 'anonymous' },
      targets: [],
      producer: { id: 'test', boot: '0123456789abcdef', n: 7 },
      origin: { kind: 'direct', flags: ['no-actor'] },
    })
    expect(take(null)).toEqual(take({}))
  })

  it('takes every member as it is given', () => {
    const event: EventInput = {
      id: 'e-1',
      tenant: 'acme',
      occurredAt: '2026-01-01T00:00:00.123456Z',
      outcome: 'denied',
      reason: { code: 'no_right', text: 'not yours' },
      severity: 'warning',
      actor: {
        type: 'agent',
        id: 'bot-1',
        roles: ['a', 'b'],
        onBehalfOf: { type: 'user', id: 'u_1', name: 'Mara' },
        credential: { type: 'api-key', id: 'k_1' },
      },
      targets: [{ type: 'case', id: 'c_1', name: 'Müller ./. Kranz' }],
      scope: [{ type: 'client', id: 'k_3' }],
      changes: [
        { path: '/a', op: 'replace', old: null, new: 1 },
        { path: '/b', op: 'add', new: { c: [true] } },
        { path: '/d', op: 'remove', old: '' },
      ],
      context: {
        ip: '192.0.2.7',
        forwarded: ['10.0.0.1'],
        http: { method: 'GET', path: '/x', status: 200, durationMs: 0.5 },
      },
      details: { n: 1, nested: { list: [null, 'x'] } },
      origin: { kind: 'import', source: 'dashboard', sourceId: '42' },
    }
    const taken = take(event)
    expectSound(taken)
    const { timed, action, producer, ...members } = taken
    expect({ timed, action, producer }).toEqual({ timed: true, action: 'case.update', producer: stamp.producer('') })
    expect(members).toEqual(event)
  })

  it.each<[string, EventInput, Partial<TakenSubmission>]>([
    ['a target in short', { target: 'case/c/12' }, { targets: [{ type: 'case', id: 'c/12' }] }],
    ['a target without a type', { target: 'c_12' }, { targets: [{ type: 'unknown', id: 'c_12' }] }],
    ['an actor in short', { actor: 'service/cron' }, { actor: { type: 'service', id: 'cron' } }],
    ['an actor of an unknown type', { actor: 'alice/bob' }, { actor: { type: 'user', id: 'alice/bob' } }],
    ['a Date', { occurredAt: new Date(0) }, { occurredAt: '1970-01-01T00:00:00.000Z', timed: true }],
    [
      'an error as reason',
      { reason: Object.assign(new Error('gone'), { code: 'ENOENT' }) },
      { reason: { code: 'ENOENT', text: 'gone' } },
    ],
    [
      'numbers for ids',
      { id: 42 as never, tenant: 7 as never, actor: { id: 5n as never } },
      { id: '42', tenant: '7', actor: { type: 'user', id: '5' } },
    ],
  ])('takes %s', (_, input, expected) => {
    expect(take(input)).toMatchObject(expected)
  })

  it('takes ids as the objects in which a database driver holds them', () => {
    const objectId = { toJSON: () => '507f1f77bcf86cd799439011' }
    const taken = take({ id: objectId, actor: { id: objectId }, target: { type: 'case', id: objectId } })
    expect([taken.id, taken.actor.id, taken.targets[0]?.id]).toEqual(Array(3).fill('507f1f77bcf86cd799439011'))
    expect(take({ actor: { toJSON: () => ({ id: 'u_1', name: 'Mara' }), $internal: 1 } }).actor).toEqual({
      type: 'user',
      id: 'u_1',
      name: 'Mara',
    })
  })

  it('knows built-in objects of another realm', () => {
    const foreign = runInNewContext(
      `({ at: new Date(0), map: new Map([['a', 1]]), set: new Set([1]), list: [1], error: new RangeError('no'), text: new String('x') })`,
    ) as { at: Date; error: Error }
    expect(take({ occurredAt: foreign.at, reason: foreign.error as never, details: foreign as never })).toMatchObject({
      occurredAt: '1970-01-01T00:00:00.000Z',
      reason: { text: 'no' },
      details: { map: { a: 1 }, set: [1], list: [1], error: { name: 'RangeError', message: 'no' }, text: 'x' },
    })
  })

  it('makes changes of the thing before and after', () => {
    const { changes } = take({ before: { a: 1, b: { c: 1 } }, after: { a: 1, b: { c: 2, d: 3 } } })
    expect(changes).toEqual([
      { path: '/b/c', op: 'replace', old: 1, new: 2 },
      { path: '/b/d', op: 'add', new: 3 },
    ])
  })

  describe('replaces what does not fit, and keeps its text', () => {
    it.each<[string, unknown, unknown, Partial<TakenSubmission>, unknown]>([
      ['an action with blanks', {}, 'delete the case', { action: 'unclassified' }, { action: 'delete the case' }],
      ['an action that is none', {}, { name: 'x' }, { action: 'unclassified' }, { action: { name: 'x' } }],
      ['an id with blanks', { id: 'a b' }, 'x', { id: 'derived-3' }, { id: 'a b' }],
      ['an id that is an object', { id: {} }, 'x', { id: 'new-id' }, { id: {} }],
      [
        'a time that is none',
        { occurredAt: 'now' },
        'x',
        { occurredAt: stamp.now, timed: false },
        { occurredAt: 'now' },
      ],
      ['an outcome of its own', { outcome: 'meh' }, 'x', { outcome: 'unknown' }, { outcome: 'meh' }],
      ['a severity of its own', { severity: 3 }, 'x', { severity: 'info' }, { severity: 3 }],
      ['an unknown member', { colour: 'red' }, 'x', {}, { colour: 'red' }],
      [
        'an unknown member of the actor',
        { actor: { id: 'a', age: 3 } },
        'x',
        { actor: { type: 'user', id: 'a' } },
        { 'actor.age': '[not kept]' },
      ],
      ['an event that is a text', 'hello', 'x', {}, { event: 'hello' }],
      ['an event that is a list', ['hello'], 'x', {}, { event: ['hello'] }],
      ['details that are a list', { details: [1] }, 'x', {}, { details: [1] }],
      [
        'an origin that is none',
        { origin: new Date(Number.NaN) },
        'x',
        { origin: { kind: 'direct' } },
        { origin: null },
      ],
      ['flags from outside', { origin: { flags: ['cut'] } }, 'x', {}, { 'origin.flags': ['cut'] }],
      ['a change without a path', { changes: [{ old: 1 }] }, 'x', {}, { 'changes.0': { old: 1 } }],
      [
        'a change of another kind',
        { changes: [{ path: '/a', op: 'move', new: 1 }] },
        'x',
        { changes: [{ path: '/a', op: 'add', new: 1 }] },
        { 'changes.0.op': 'move' },
      ],
      ['a context that is a map', { context: new Map([['ip', '::1']]) }, 'x', {}, { context: { ip: '::1' } }],
      [
        'every item of a list',
        { context: { forwarded: [null, {}, 'a'] } },
        'x',
        { context: { forwarded: ['a'] } },
        { 'context.forwarded.0': null, 'context.forwarded.1': {} },
      ],
    ])('%s', (_, input, action, expected, unfit) => {
      const taken = takeSubmission(action, input, stamp)
      expect(taken).toMatchObject({ ...expected, origin: { kind: 'direct' } })
      expect(taken.details?.['_unfit']).toEqual(unfit)
      expect(taken.origin.flags).toContain('replaced')
      expectSound(taken)
    })
  })

  describe('gives an event a tenant', () => {
    it.each<[string, unknown, string, string[]]>([
      ['the one it names', { tenant: 'acme' }, 'acme', []],
      ['the default when it names none', {}, 'default', []],
      ['none when the caller looked for one and found none', { tenant: undefined }, '_unassigned', ['no-tenant']],
      ['none for an empty name', { tenant: '' }, '_unassigned', ['no-tenant', 'replaced']],
      ['none for what an expression left behind', { tenant: false }, '_unassigned', ['no-tenant', 'replaced']],
      ['none for no number', { tenant: Number.NaN }, '_unassigned', ['no-tenant', 'replaced']],
      [
        'none when it cannot be read',
        Object.defineProperty({}, 'tenant', {
          get: () => {
            throw new Error('no')
          },
        }),
        '_unassigned',
        ['no-tenant', 'replaced', 'unreadable'],
      ],
      ['none for a reserved name', { tenant: '_system' }, '_unassigned', ['tenant-reserved']],
      ['none for the meta log', { tenant: '_meta' }, '_unassigned', ['tenant-reserved']],
    ])('%s', (_, input, tenant, flags) => {
      const taken = take(input)
      expect(taken.tenant).toBe(tenant)
      expect(taken.origin.flags).toEqual(['no-actor', ...flags].toSorted())
    })

    it('a reserved name only when it is our own event, and the meta log never', () => {
      expect(takeSubmission('x', { tenant: '_system' }, { ...stamp, trusted: true }).tenant).toBe('_system')
      expect(takeSubmission('x', { tenant: '_meta' }, { ...stamp, trusted: true }).tenant).toBe('_unassigned')
    })

    it('of at most 200 characters, told apart by the hash of the whole', () => {
      const [one, other] = ['a', 'b'].map((end) => take({ tenant: 'x'.repeat(5000) + end }).tenant)
      expect([one!.length <= limits.tenantUnitsMax, other!.length <= limits.tenantUnitsMax]).toEqual([true, true])
      expect(one).not.toBe(other)
    })
  })

  it('takes an id that cannot be read for none, so that two such events are two', () => {
    const input = Object.defineProperty({}, 'id', { enumerable: true, get: () => { throw new Error('no') } }) // prettier-ignore
    expect(take(input).id).toBe('new-id')
  })

  it('cuts a text that is too long, and keeps its size and hash', () => {
    const { details, origin } = take({ actor: 'u', details: { text: 'ä'.repeat(100_000) } })
    expect(details?.['text']).toMatch(/^ä{512}… \[cut: 200000 bytes, sha256 [0-9a-f]{64}\]$/)
    expect(origin.flags).toEqual(['cut'])
  })

  it('keeps both of two keys that are one after they were made storable', () => {
    const { details } = take({ details: { 'a\u0000': 1, 'a\u2400': 2, 'a\u0001': 3 } })
    expect(new Set(Object.values(details!))).toEqual(new Set([1, 2, 3]))
  })

  it('keeps both what the application calls _unfit and what does not fit', () => {
    expect(unfitOf({ details: { _unfit: 'mine' }, colour: 'red' })).toEqual({ 'details._unfit': 'mine', colour: 'red' })
  })

  it('tells only that something changed when it was too large to be compared', () => {
    const large = (n: number): unknown => Array.from({ length: 60_000 }, (_, i) => ({ i, n }))
    const { changes, origin } = take({ actor: 'u', before: large(1), after: large(2) })
    expect(changes).toMatchObject([{ path: '', op: 'replace', old: /^\[cut: / }].map(({ path, op }) => ({ path, op })))
    expect([changes![0]!.old, changes![0]!.new]).toEqual([
      expect.stringMatching(/^\[cut: /),
      expect.stringMatching(/^\[cut: /),
    ])
    expect(origin.flags).toEqual(['cut'])
  })

  it('keeps who did it and why it was refused, however large the details are', () => {
    const noise = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, 'x'.repeat(50)]))
    const taken = take(
      { actor: 'user/u_1', target: 'case/c_1', reason: 'no right', details: noise, more: noise },
      'bad action!',
    )
    expect(taken).toMatchObject({ actor: { id: 'u_1' }, targets: [{ id: 'c_1' }], reason: { text: 'no right' } })
    expect(taken.details?.['_unfit']).toMatchObject({ action: 'bad action!' })
    expectSound(taken)
  })

  it('is not changed by what happens to the objects afterwards', () => {
    const input = {
      actor: { id: 'a', roles: ['r'] },
      details: { list: [1, { x: 1 }] },
      before: { a: 1 },
      after: { a: 2 },
    }
    const taken = take(input)
    const json = JSON.stringify(taken)
    input.actor.roles.push('s')
    input.details.list.push(3)
    ;(input.details.list[1] as { x: number }).x = 9
    input.after.a = 9
    expect(JSON.stringify(taken)).toBe(json)
  })

  it('leaves prototypes as they are, and keeps __proto__ as a member like any other', () => {
    const evil = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}',
    ) as unknown
    const taken = take({
      actor: evil,
      context: evil,
      details: evil,
      before: {},
      after: evil,
      targets: [evil],
      more: evil,
    })
    expect(({} as { polluted?: unknown }).polluted).toBe(undefined)
    expectSound(taken)
    expect(Object.hasOwn(taken.details!, '__proto__')).toBe(true)
    expect(taken.changes?.map(({ path }) => path)).toEqual(['/__proto__', '/constructor', '/toString'])
  })

  const anything = fc.anything({
    withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true,
    withObjectString: true, withTypedArray: true, withSparseArray: true, withUnicodeString: true, maxDepth: 4,
  }) // prettier-ignore
  const text = fc.string({ unit: 'binary', maxLength: 40 })
  const member = fc.oneof(anything, text, fc.constant(undefined))
  const eventLike = fc.record(
    {
      id: member, tenant: member, occurredAt: member, outcome: member, reason: member, severity: member, actor: member,
      target: member, targets: fc.oneof(member, fc.array(anything)), scope: member, changes: fc.oneof(member, fc.array(anything)),
      before: member, after: member, context: member, details: member, origin: member, other: member,
    },
    { requiredKeys: [] },
  ) // prettier-ignore

  it('makes a sound event of anything at all', () => {
    fc.assert(
      fc.property(member, fc.oneof(anything, eventLike), (action, input) => {
        expectSound(takeSubmission(action, input, stamp))
      }),
      { numRuns: 2000 },
    )
  })

  it('makes the same event of the same input', () => {
    fc.assert(
      fc.property(eventLike, (input) => {
        expect(JSON.stringify(take(input))).toBe(JSON.stringify(take(input)))
      }),
    )
  })
})

describe('flags', () => {
  it('name what was done to the event, in order', () => {
    expect(flagsOf({ actor: 'u' })).toEqual([])
    expect(flagsOf({ actor: 'a\u0000b' })).toEqual(['normalized'])
    expect(flagsOf({ actor: 'u', details: { f: 'x'.repeat(70_000), g: 'a\ud800' }, x: 1 })).toEqual([
      'cut',
      'normalized',
      'replaced',
    ])
  })
})

describe('an actor with more members than an actor has', () => {
  it('is recorded with their names only: applications pass the user they have in hand, password hash and all', () => {
    const user = { id: 'u_7', name: 'Mara Lind', passwordHash: '$argon2id$secret' }
    const taken = JSON.stringify(take({ actor: user }))
    expect(taken).toContain('"actor.passwordHash":"[not kept]"')
    expect(taken).not.toContain('secret')
  })
})

import { describe, expect, it } from 'vitest'
import { limits, parseSubmission, submissionFromText, takeSubmission, type TakenSubmission } from './index.ts'

const submission: TakenSubmission = takeSubmission(
  'case.update',
  {
    id: 'e-1',
    actor: { id: 'u_1', name: 'Mara', onBehalfOf: { id: 'u_2' } },
    target: 'case/c_1',
    scope: ['client/k_1'],
    changes: [{ path: '/a', op: 'add', new: 1 }],
    context: { ip: '::1' },
    reason: 'x',
    details: { n: 1 },
  },
  {
    now: '2026-01-01T00:00:00Z',
    newId: () => 'new',
    deriveId: () => 'derived',
    producer: () => ({ id: 'p', boot: 'b', n: 0 }),
    defaultTenant: 'acme',
    origin: { kind: 'direct' },
    trusted: false,
  },
)
const text = (over: object): string => JSON.stringify({ ...submission, ...over })
const nested = (levels: number): string => `${'['.repeat(levels)}1${']'.repeat(levels)}`

describe('parseSubmission', () => {
  it('gives back what the door has written', () => {
    expect(parseSubmission(JSON.stringify(submission))).toEqual(submission)
  })

  it('keeps members that a later door may write', () => {
    expect(parseSubmission(text({ later: { x: 1 } }))).toMatchObject({ later: { x: 1 } })
  })

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['an id with blanks', text({ id: 'a b' })],
    ['an id that is a number', text({ id: 1 })],
    ['no tenant', text({ tenant: undefined })],
    ['an empty tenant', text({ tenant: '' })],
    ['the tenant of the meta log', text({ tenant: '_meta' })],
    ['a tenant of 201 characters', text({ tenant: 'x'.repeat(201) })],
    ['a time that is none', text({ occurredAt: 'now' })],
    ['no word on whether the time was given', text({ timed: undefined })],
    ['an outcome of its own', text({ outcome: 'meh' })],
    ['a severity of its own', text({ severity: 'meh' })],
    ['an action with blanks', text({ action: 'a b' })],
    ['no producer', text({ producer: null })],
    ['half a producer', text({ producer: { id: 'p', boot: 'b' } })],
    ['a producer that counts down', text({ producer: { id: 'p', boot: 'b', n: -1 } })],
    ['no actor', text({ actor: null })],
    ['an actor of an unknown type', text({ actor: { type: 'robot' } })],
    ['an actor whose name is an object', text({ actor: { type: 'user', name: {} } })],
    ['an actor on behalf of nothing', text({ actor: { type: 'user', onBehalfOf: {} } })],
    ['targets that are an object', text({ targets: {} })],
    ['a target that is null', text({ targets: [null] })],
    ['a target without an id', text({ targets: [{ type: 'x' }] })],
    ['a target whose name is a number', text({ targets: [{ type: 'x', id: 'y', name: 1 }] })],
    ['101 targets', text({ targets: Array.from({ length: 101 }, () => ({ type: 'x', id: 'y' })) })],
    ['a scope that is a text', text({ scope: 'client/k_1' })],
    ['changes that are an object', text({ changes: {} })],
    ['a change without a path', text({ changes: [{ op: 'add' }] })],
    ['a change of another kind', text({ changes: [{ path: '', op: 'move' }] })],
    ['a context that is a list', text({ context: [] })],
    ['details that are a text', text({ details: 'x' })],
    ['no origin', text({ origin: undefined })],
    ['an origin of its own', text({ origin: { kind: 'mine' } })],
    ['a NUL in a name', text({ actor: { type: 'user', name: 'a\0b' } })],
    ['a NUL in a key', text({ details: { 'a\0': 1 } })],
    ['a lone surrogate', text({ details: { a: '\ud800' } })],
    ['a hundred thousand levels', text({ details: { deep: 0 } }).replace('"deep":0', `"deep":${nested(100_000)}`)],
    ['more text than an event may have', text({ details: { a: 'x'.repeat(limits.submissionUnitsMax) } })],
  ])('refuses %s', (_, given) => {
    expect(() => parseSubmission(given)).toThrow(expect.objectContaining({ code: 'input_malformed' }))
  })
})

describe('submissionFromText', () => {
  const sources = { now: '2026-02-02T00:00:00Z', newId: () => 'own-1' }

  it('gives back what is a submission', () => {
    expect(submissionFromText(JSON.stringify(submission), sources)).toEqual(submission)
    expect(submissionFromText(text({ tenant: '_unassigned' }), sources).tenant).toBe('_unassigned')
  })

  it.each([
    '',
    'null',
    '{"id":',
    text({ id: 'a b' }),
    text({ tenant: '_system' }),
    nested(100_000),
    'x'.repeat(600_000),
    'a\0b',
  ])('makes an event of anything else: %.40s', (given) => {
    const made = submissionFromText(given, sources)
    expect(parseSubmission(JSON.stringify(made))).toEqual(made)
    expect(made).toMatchObject({ id: 'own-1', tenant: '_unassigned', action: 'unclassified', timed: false })
    expect(made.details?.['pending']).toContain(given.slice(0, 1).replace('\0', '␀'))
  })
})

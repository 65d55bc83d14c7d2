import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAudit, type Audit } from '../audit.ts'
import { parseQuery } from '../query/index.ts'
import { memoryStore } from '../store/memory/index.ts'
import type { Selection } from '../store/search.ts'
import { phrasesOf, selectionOf } from './selection.ts'

const compile = (query: string): Selection => selectionOf(parseQuery(query), Date.UTC(2026, 2, 10))

describe('what cannot hold together is refused:', () => {
  test.each(['has:proof is:unsealed', '-has:proof -is:unsealed', 'has:proof -has:proof', 'is:unsealed x has:proof'])(
    '%s',
    (query) => {
      expect(() => compile(query)).toThrow(/both under a checkpoint and not/)
    },
  )
})

test.each([
  ['has:proof', true],
  ['-has:proof', false],
  ['is:unsealed', false],
  ['has:proof -is:unsealed', true],
  ['-has:proof is:unsealed', false],
  ['has:reason', undefined],
])('%s selects by the checkpoint: %s', (query, sealed) => {
  expect(compile(query).sealed).toBe(sealed)
})

test('what is asked for twice is looked up once', () => {
  const once = (query: string, ...others: string[]): void => {
    for (const other of others) expect(compile(other), other).toEqual(compile(query))
  }
  once('draft', 'draft draft', 'draft "Draft" DRAFT', '"draft draft"')
  once('dra*', 'dra* "dra"*')
  once('-draft', '-draft -Draft')
  once('ip:10.0.0.1', 'ip:10.0.0.1 ip:10.0.0.1', 'ip:::ffff:10.0.0.1 ip:10.0.0.1:443')
  once('actor:user/u_7', 'actor:user/u_7 actor:user/u_7')
  once('at:2026-03-01', 'at:2026-03-01 at:2026-03-01', 'at:2026-03-01 at:2026-03-01T10:00Z')
  expect(compile('draft '.repeat(60)).conditions).toHaveLength(1)
  expect(phrasesOf(parseQuery('"a b" "A B" "b a"'))).toHaveLength(2)
})

test('times that touch are one range, others stay apart', () => {
  expect(compile('at:2026-03-02 at:2026-03-01').within).toBeUndefined()
  expect(compile('at:2026-03-01 at:2026-03-03').within).toHaveLength(2)
})

test.each([
  'at:>=2026-03-02 at:<2026-03-01',
  'at:2026-03-01 -at:2026-03-01',
  'at:2026-03-01 at:2026-03-02 at:>=2026-04-01',
])('%s has bounds that no time meets', (query) => {
  const { since, until, within } = compile(query)
  expect([since, until, within]).toEqual([Infinity, -Infinity, undefined])
})

describe('addresses', () => {
  let audit: Audit
  beforeAll(async () => {
    audit = createAudit({ store: memoryStore({ name: `test-${randomBytes(4).toString('hex')}` }) })
    for (const [id, ip] of [
      ['v4', '10.0.0.5'],
      ['mapped', '::ffff:10.0.0.6'],
      ['port', '10.0.0.7:443'],
      ['far', '192.0.2.1'],
      ['v6', '2001:db8::1'],
      ['zone', 'fe80::1%eth0'],
      ['bracket', '[fe80::1%eth0]:443'],
      ['host', 'cafe.example'],
    ] as const)
      await audit.record('a.b', { id, context: { ip } })
    await audit.record('a.b', { id: 'none' })
  })
  afterAll(() => audit.close())

  const all4 = ['far', 'mapped', 'port', 'v4']
  const near4 = ['mapped', 'port', 'v4']
  test.each([
    ['ip:10.0.0.0/8', near4],
    ['ip:::ffff:10.0.0.0/104', near4],
    ['ip:::ffff:0:0/96', all4],
    ['ip:::ffff:10.0.0.5/128', ['v4']],
    ['ip:0.0.0.0/0', all4],
    ['ip:::/0', ['bracket', 'v6', 'zone']],
    ['ip:10.0.*', near4],
    ['ip:fe80::1', ['bracket', 'zone']],
    ['ip:fe80::/10', ['bracket', 'zone']],
    ['ip:[fe80::1%eth0]:443', ['bracket', 'zone']],
    ['ip:cafe*', ['host']],
    ['ip:*', ['bracket', 'far', 'host', 'mapped', 'port', 'v4', 'v6', 'zone']],
    ['-ip:*', ['none']],
  ])('%s finds %j', async (q, ids) => {
    const { events } = await audit.list({ q })
    expect(events.map(({ id }) => id).toSorted()).toEqual(ids)
  })

  test.each(['ip:10.0.0*', 'ip:10*', 'ip:2001:db*', 'ip:::ffff:10.*', 'ip:.*'])(
    '%s, which ends within a number, is refused with what to write',
    async (q) => {
      await expect(audit.list({ q })).rejects.toMatchObject({
        code: 'usage',
        hint: expect.stringContaining('write a network') as string,
      })
    },
  )
})

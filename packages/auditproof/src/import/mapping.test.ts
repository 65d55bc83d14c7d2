import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { parseMapping, type Mapping } from './mapping.ts'

const open = (event: JsonObject, format: 'ndjson' | 'csv' = 'ndjson'): Mapping =>
  parseMapping(JSON.stringify({ source: 'helpdesk', event }), format, 'm.json')
const map = (event: JsonObject, record: JsonObject): ReturnType<Mapping['map']> => open(event).map(new Fields(record))

test('each member of an event comes from a place, a constant, or several places together', () => {
  const mapped = map(
    {
      id: '/id',
      tenant: '/firm',
      occurredAt: { from: '/at', time: 'unix-ms' },
      action: { template: 'ticket.{/verb}' },
      outcome: { from: '/status', map: { '200': 'success', '*': 'failure' } },
      reason: { text: '/why' },
      actor: { type: { value: 'user' }, id: '/user/login', roles: '/user/roles' },
      targets: [
        { type: { value: 'ticket' }, id: '/ticket', name: '/title' },
        { type: { value: 'file' }, id: '/file' },
      ],
      context: { ip: '/ip', http: { method: { value: 'GET' }, path: { template: '{/host}/{/path}' } } },
      details: { note: '/note', version: { value: 2 } },
    },
    {
      id: 7,
      firm: 'acme',
      at: 1_700_000_000_123,
      verb: 'close',
      status: 200,
      user: { login: 'ada', roles: ['admin'], age: 3 },
      ticket: 'T-1',
      title: 'a title',
      ip: '192.0.2.1',
      host: 'h',
      path: 'p',
      note: '',
    },
  )
  expect(mapped).toEqual({
    action: 'ticket.close',
    sourceId: '7',
    event: {
      tenant: 'acme',
      occurredAt: '2023-11-14T22:13:20.123Z',
      outcome: 'success',
      actor: { type: 'user', id: 'ada', roles: ['admin'] },
      targets: [{ type: 'ticket', id: 'T-1', name: 'a title' }],
      context: { ip: '192.0.2.1', http: { method: 'GET', path: 'h/p' } },
      details: { version: 2 },
    },
  })
})

test('what a record does not have is left out: no actor of a type alone, no half of a template, no invented time', () => {
  const event = {
    action: { template: '{/object}.{/verb}' },
    occurredAt: '/at',
    tenant: '/firm',
    actor: { type: { value: 'user' }, id: '/who' },
    outcome: { from: '/status', map: { '*': 'failure' } },
  }
  expect(map(event, { object: 'ticket' })).toEqual({
    action: 'unclassified',
    event: { occurredAt: 'not in the source', tenant: undefined, details: {} },
  })
})

test('a local time is taken as UTC, and the event says so', () => {
  const { event } = map({ occurredAt: { from: '/at', time: 'local' } }, { at: '2024-01-02 03:04:05' })
  expect(event).toMatchObject({
    occurredAt: '2024-01-02T03:04:05Z',
    details: { timeZone: 'not in the source, taken as UTC' },
  })
})

test('what is not in a map stays as it is', () => {
  const outcome = { from: '/s', map: { ok: 'success' } }
  expect(map({ outcome }, { s: 'ok' }).event.outcome).toBe('success')
  expect(map({ outcome }, { s: 'odd' }).event.outcome).toBe('odd')
})

test('doubled braces are braces', () => {
  expect(map({ details: { x: { template: '{{{/a}}}' } } }, { a: 1 }).event.details).toEqual({ x: '{1}' })
})

test('of CSV the columns are named, and the mapping knows which it needs', () => {
  const mapping = open({ id: 'No', action: { template: 't.{The verb}' } }, 'csv')
  expect(mapping.columns).toEqual(['No', 'The verb'])
  expect(mapping.map(new Fields({ No: '1', 'The verb': 'open' }))).toMatchObject({ action: 't.open', sourceId: '1' })
})

test.each<[Json, string, string]>([
  [{ sorce: 'x' }, 'sorce is not known', 'did you mean source?'],
  [{ source: '', event: {} }, 'source names no source', 'helpdesk'],
  [{ source: 'x' }, 'event is missing', ''],
  [{ source: 'x', separator: ';', event: {} }, 'separator is for CSV', 'import csv'],
  [{ source: 'x', event: { actor: { nmae: '/n' } } }, 'event.actor.nmae is not known', 'did you mean name?'],
  [{ source: 'x', event: { actor: { type: { value: 'usr' } } } }, 'event.actor.type.value is "usr"', 'user'],
  [{ source: 'x', event: { outcome: { from: '/s', map: { a: 'sucess' } } } }, 'event.outcome.map.a', 'success'],
  [{ source: 'x', event: { action: 'user.name' } }, 'event.action is "user.name"', 'write /user/name for a place'],
  [{ source: 'x', event: { action: { template: '{/a' } } }, 'event.action.template has a brace too many', '{{'],
  [{ source: 'x', event: { action: { value: 'a', from: '/b' } } }, 'event.action says nothing to read', 'constant'],
  [{ source: 'x', event: { action: { value: 'a', map: {} } } }, 'event.action.map maps a constant', ''],
  [{ source: 'x', event: { occurredAt: { from: '/t', time: 'ms' } } }, 'event.occurredAt.time is "ms"', 'unix-ms'],
  [{ source: 'x', event: { action: { from: '/t', time: 'unix' } } }, 'event.action.time is not known', 'from'],
  [{ source: 'x', event: { target: { type: '/t' } } }, 'event.target has no id', 'id'],
  [{ source: 'x', event: { targets: [{ id: 'x' }] } }, 'event.targets.0.id is "x"', 'for a place'],
  [[], 'the mapping is JSON, but no object', ''],
])('refuses %j: %s', (mapping, says, hint) => {
  expect(() => parseMapping(JSON.stringify(mapping), 'ndjson', 'm.json')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringContaining(`m.json: ${says}`) as string,
      hint: expect.stringContaining(hint) as string,
    }),
  )
})

test('a mapping that is no JSON is refused with its name', () => {
  expect(() => parseMapping('{', 'csv', 'm.json')).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringMatching(/^m\.json is not JSON/) as string }),
  )
})

import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import * as tenant from './tenant.ts'

function parseTenantFrom(text: string): (record: JsonObject) => string | undefined {
  const tenantOf = tenant.parseTenantFrom(text)
  return (record) => tenantOf(new Fields(record))
}

const json = (text: string): JsonObject => JSON.parse(text) as JsonObject
const commit = (...paths: string[]): JsonObject => ({
  repo: 'acme/env',
  files: paths.map((path) => ({ op: 'M', path })),
})

test('a pointer reads members, array items and escaped names', () => {
  const record = json('{"a/b":{"m~n":"x"},"list":[{"t":"y"}],"":"empty","~1":"z"}')
  expect(parseTenantFrom('/a~1b/m~0n')(record)).toBe('x')
  expect(parseTenantFrom('/list/0/t')(record)).toBe('y')
  expect(parseTenantFrom('/')(record)).toBe('empty')
  expect(parseTenantFrom('/~01')(record)).toBe('z')
})

test('a number is a tenant as text; what is no text is none', () => {
  const record = json('{"n":12,"null":null,"true":true,"empty":"","object":{},"list":["a"]}')
  expect(parseTenantFrom('/n')(record)).toBe('12')
  for (const pointer of [
    '/null',
    '/true',
    '/empty',
    '/object',
    '/list',
    '/list/00',
    '/list/-',
    '/list/length',
    '/n/x',
    '/none/x',
  ])
    expect(parseTenantFrom(pointer)(record), pointer).toBeUndefined()
})

test('a pointer reaches no inherited member', () => {
  expect(parseTenantFrom('/constructor/name')({})).toBeUndefined()
  expect(parseTenantFrom('/__proto__/x')({})).toBeUndefined()
  expect(parseTenantFrom('/__proto__/x')(json('{"__proto__":{"x":"own"}}'))).toBe('own')
})

test('a path pattern takes the first match among the files, else the repository', () => {
  const tenantOf = parseTenantFrom('path:namespaces/*/{tenant}/')
  expect(tenantOf(commit('README.md', 'namespaces/live/shop/a.tf', 'namespaces/live/bank/b.tf'))).toBe('shop')
  expect(tenantOf(commit('namespaces/live/shop/deep/er/a.tf'))).toBe('shop')
  expect(tenantOf(commit('namespaces/live/README.md'))).toBe('acme/env')
  expect(tenantOf(commit('x/namespaces/live/shop/a.tf'))).toBe('acme/env')
  expect(tenantOf(commit())).toBe('acme/env')
})

test('without a final slash a pattern means the whole path', () => {
  const tenantOf = parseTenantFrom('path:{tenant}/main.tf')
  expect(tenantOf(commit('shop/main.tf'))).toBe('shop')
  expect(tenantOf(commit('shop/main.tf/x'))).toBe('acme/env')
})

test('records of unexpected shape have no tenant and throw nothing', () => {
  const tenantOf = parseTenantFrom('path:{tenant}/')
  for (const record of ['{}', '{"files":null}', '{"files":"x"}', '{"files":[null,1,{"path":{}}],"repo":[]}'])
    expect(tenantOf(json(record))).toBeUndefined()
})

test.each([
  '',
  'recipientAccountId',
  '/a~2',
  '/a~',
  'path:',
  'path:a/b/',
  'path:{tenant}/{tenant}/',
  'path:a//{tenant}/',
  'path:a*/{tenant}/',
  'path:{tenant}.tf',
])('refuses %j with a hint', (text) => {
  expect(() => parseTenantFrom(text)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.any(String) as string }),
  )
})

import { expect, test } from 'vitest'
import { importedId } from './identity.ts'

const key = new Uint8Array(32).fill(1)
const id = (kind: string, instance: string, sourceId: string): string =>
  importedId(key, { kind, instance }, { sourceId })

test('an imported id is a UUIDv8, the same each time', () => {
  expect(id('git', 'acme/x', 'abc')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(id('git', 'acme/x', 'abc')).toBe(id('git', 'acme/x', 'abc'))
  // Pinned: were it to change, every import would come in a second time.
  expect(id('git', 'acme/x', 'abc')).toBe('c7fd8bca-4254-82c7-a65d-aca8fd7726ba')
})

test('kind, instance, source id and key each make another id, wherever one ends and the next begins', () => {
  const ids = [
    id('git', 'a', 'bc'),
    id('git', 'ab', 'c'),
    id('gi', 'ta', 'bc'),
    importedId(key, { kind: 'git', instance: 'a' }, { line: Buffer.from('bc') }),
    importedId(new Uint8Array(32).fill(2), { kind: 'git', instance: 'a' }, { sourceId: 'bc' }),
  ]
  expect(new Set(ids).size).toBe(ids.length)
})

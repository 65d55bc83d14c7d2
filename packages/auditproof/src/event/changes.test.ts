import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapePointer } from './changes.ts'
import { canonicalize, diffStates, type Json, type JsonObject } from './index.ts'

describe('diffStates', () => {
  it.each<[string, Json | undefined, Json | undefined, unknown]>([
    ['nothing and nothing', undefined, undefined, []],
    ['the same in another order', { a: 1, b: [1] }, { b: [1], a: 1 }, []],
    ['a new thing', undefined, { a: 1 }, [{ path: '', op: 'add', new: { a: 1 } }]],
    ['a thing that is gone', { a: 1 }, undefined, [{ path: '', op: 'remove', old: { a: 1 } }]],
    ['null and nothing', { a: null }, {}, [{ path: '/a', op: 'remove', old: null }]],
    ['an object and a list', { a: {} }, { a: [] }, [{ path: '/a', op: 'replace', old: {}, new: [] }]],
    ['a list, as a whole', { a: [1, 2] }, { a: [2] }, [{ path: '/a', op: 'replace', old: [1, 2], new: [2] }]],
    ['inner members', { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, [{ path: '/a/b/c', op: 'replace', old: 1, new: 2 }]],
    ['names with / and ~', { 'a/b~c': 1 }, { 'a/b~c': 2 }, [{ path: '/a~1b~0c', op: 'replace', old: 1, new: 2 }]],
    ['an empty name', { '': 1 }, { '': 2 }, [{ path: '/', op: 'replace', old: 1, new: 2 }]],
    ['0 and -0, which JSON writes alike', { a: 0 }, { a: -0 }, []],
    ['1 and "1"', { a: 1 }, { a: '1' }, [{ path: '/a', op: 'replace', old: 1, new: '1' }]],
    ['inherited names', {}, { constructor: 1, toString: 2 }, [
      { path: '/constructor', op: 'add', new: 1 },
      { path: '/toString', op: 'add', new: 2 },
    ]],
  ])('tells %s', (_, before, after, expected) => {
    expect(diffStates(before, after)).toEqual(expected)
  }) // prettier-ignore

  const object = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 3 })) as fc.Arbitrary<JsonObject>

  it('says enough to make the one of the other', () => {
    fc.assert(
      fc.property(object, object, (before, after) => {
        const changed = structuredClone(before)
        for (const { path, op, new: next } of diffStates(before, after))
          apply(changed, path, op === 'remove' ? undefined : next)
        expect(canonicalize(changed)).toBe(canonicalize(after))
      }),
    )
  })

  it('says nothing of two that are the same', () => {
    fc.assert(
      fc.property(object, (state) => {
        expect(diffStates(state, structuredClone(state))).toEqual([])
      }),
    )
  })
})

/** RFC 6901 section 4. */
function apply(state: JsonObject, path: string, value: Json | undefined): void {
  const names = path
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.pop()!
  const parent = names.reduce((at, name) => at[name] as JsonObject, state)
  if (value === undefined) delete parent[last]
  else Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true })
}

it('escapePointer can be undone', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      const escaped = escapePointer(name)
      expect(escaped).not.toContain('/')
      expect(escaped.replaceAll('~1', '/').replaceAll('~0', '~')).toBe(name)
    }),
  )
})

describe('canonicalize', () => {
  it('sorts members by UTF-16, at every level, and gives one text to equal values', () => {
    // U+FB33 comes after both halves of U+1F600, though it is the smaller character.
    const object = { '\uFB33': 2, '\u{1F600}': 1, é: 3, a: { c: 1, b: [{ z: 1, y: null }] }, '': true }
    const expected = '{"":true,"a":{"b":[{"y":null,"z":1}],"c":1},"é":3,"\u{1F600}":1,"\uFB33":2}'
    expect(canonicalize(object)).toBe(expected)
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalize(value as Json)
        expect(canonicalize(JSON.parse(text) as Json)).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepLarge } from './large-numbers.ts'
import { parseJson } from './parse-json.ts'

/** Texts that V8 reads with the name of another one, once it has read that. */
const confused: [string, string][] = [
  [String.raw`{"p":1,"\\":1}`, String.raw`{"p":1,"\n":1}`],
  [String.raw`{"a":1,"b\\":1}`, String.raw`{"a":1,"b\"":1}`],
  [String.raw`{"a":1,"c\\":1}`, String.raw`{"a":1,"c\u009b":1}`],
  [String.raw`{"a":{"x":1,"y\\":2}}`, String.raw`{"a":{"x":1,"y\/":2}}`],
]

test.each(confused)('reads %s, and then the keys of %s as they are written', (first, second) => {
  const keysOf = (text: string): string[] =>
    text.match(/"(?:[^"\\]|\\.)*"(?=:)/g)!.map((key) => JSON.parse(key) as string)
  const keysIn = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)])
      : []
  for (let i = 0; i < 3; i++) for (const text of [first, second]) expect(keysIn(parseJson(text))).toEqual(keysOf(text))
})

const hostileKey = fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'a', ':', '\u009b', '{', ' ', '__proto__') })
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(hostileKey, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

test('reads what was written, with any keys and spaces, after anything else', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(undefined, 1, '\t', ' \n '), (value, space) => {
      const text = JSON.stringify(value, null, space)
      expect(JSON.stringify(parseJson(text), null, space)).toBe(text)
    }),
    { numRuns: 500 },
  )
})

test('refuses what is no JSON, and takes the last of two members of one name, as JSON.parse does', () => {
  for (const text of ['', '{', String.raw`{"\n":}`, String.raw`{"\n":1,}`, '[1,]', String.raw`{"\x":1}`])
    expect(() => parseJson(text), text).toThrow(SyntaxError)
  expect(parseJson(String.raw`{"\n":1,"a":2,"\u000a":3}`)).toEqual({ '\n': 3, a: 2 })
  const polluting = parseJson(String.raw`{"\u005f_proto__":{"x":1}}`)
  expect([Object.keys(polluting as object), (polluting as { x?: 1 }).x]).toEqual([['__proto__'], undefined])
})

test('gives a reviver the text of each number, whatever the keys are', () => {
  const large = '12345678901234567890'
  expect(parseJson(`{"a":[${large},1]}`, keepLarge)).toEqual({ a: [large, 1] })
  expect(parseJson(String.raw`{"\n":[` + `${large},1]}`, keepLarge)).toEqual({ '\n': [large, 1] })
})

test('is nested too deep by nobody, and takes no longer for escapes', () => {
  const depth = 200_000
  let value = parseJson(`${String.raw`{"\n":`.repeat(depth)}1${'}'.repeat(depth)}`)
  for (let i = 0; i < depth; i++) value = (value as { '\n': unknown })['\n']
  expect(value).toBe(1)
  expect(parseJson(JSON.stringify({ a: '\\'.repeat(1_000_000) }))).toEqual({ a: '\\'.repeat(1_000_000) })
})

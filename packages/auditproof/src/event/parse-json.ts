/**
 * JSON.parse, where it can be believed. The V8 of Node 24 and 26 remembers which key followed which, and takes a key with one
 * escape (`"b\n"`) for one it met there that ends with a backslash (`"b\\"`): after the first text somebody wrote, the second
 * one would be recorded under a name that it does not have. So texts whose keys hold escapes are read here.
 */
import type { Json } from './json.ts'

/** Is given strings, numbers, booleans and null, with the text they were written as. */
export type ScalarReviver = (key: string, value: unknown, context?: { source?: string }) => unknown

/** @throws SyntaxError */
export function parseJson(text: string, revive?: ScalarReviver): unknown {
  const parsed: unknown = JSON.parse(text)
  // JSON.parse revives by recursion, which deep nesting overflows.
  return revive !== undefined || hasEscapedKey(text) ? readJson(text, revive) : parsed
}

/** @param text JSON: a backslash stands only inside a string, and escapes what follows it */
function hasEscapedKey(text: string): boolean {
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    at = endOfString(text, at)
    let next = at
    while (isSpace(text.charCodeAt(next))) next++
    if (text[next] === ':') return true
  }
  return false
}

interface Container {
  value: Json[] | { [key: string]: Json }
  /** Where the next value goes, in an object. */
  key: string
  around: Container | undefined
}

/** @param text JSON. Without recursion: nothing is nested too deep for it. */
function readJson(text: string, revive: ScalarReviver = (_key, value) => value): Json {
  let at = 0
  let around: Container | undefined
  const skipSpace = (): void => {
    while (isSpace(text.charCodeAt(at))) at++
  }
  const readLiteral = (): string => {
    const from = at
    if (text[at] === '"') at = endOfString(text, at + 1)
    else while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at++
    return text.slice(from, at)
  }
  const readKey = (container: Container): void => {
    skipSpace()
    container.key = JSON.parse(readLiteral()) as string
    skipSpace()
    at += 1 // the colon
  }
  for (;;) {
    skipSpace()
    let value: Json
    if (text[at] === '{' || text[at] === '[') {
      const opened: Container = { value: text[at] === '{' ? {} : [], key: '', around }
      at += 1
      skipSpace()
      if (text[at] !== '}' && text[at] !== ']') {
        around = opened
        if (!Array.isArray(opened.value)) readKey(opened)
        continue
      }
      at += 1
      value = opened.value
    } else {
      const source = readLiteral()
      const key = Array.isArray(around?.value) ? String(around.value.length) : (around?.key ?? '')
      value = revive(key, JSON.parse(source), { source }) as Json
    }
    // The value goes into what is around it, and so does each container that ends here.
    for (;;) {
      if (around === undefined) return value
      put(around, value)
      skipSpace()
      const ending = text[at++]
      if (ending === ',') {
        if (!Array.isArray(around.value)) readKey(around)
        break
      }
      value = around.value
      around = around.around
    }
  }
}

function put({ value: container, key }: Container, value: Json): void {
  if (Array.isArray(container)) container.push(value)
  // An assignment would set the prototype.
  else if (key === '__proto__')
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
  else container[key] = value
}

/** @param at inside a string. @returns right behind its closing quote */
function endOfString(text: string, at: number): number {
  let end = at
  while (text[end] !== '"' && end < text.length) end += text[end] === '\\' ? 2 : 1
  return end + 1
}

/** Space, tab, line feed, carriage return. */
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d

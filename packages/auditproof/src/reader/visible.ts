/**
 * Text from a log, made fit to be looked at. Whoever is audited writes what an operator reads: nothing of it may move a
 * terminal's cursor, change colours or titles, reorder what is shown, or hide (CWE-117, CWE-150).
 */

/**
 * Controls (C0, DEL, C1), line and paragraph separators, lone surrogates, format characters such as bidi controls, and
 * whatever else Unicode allows to be invisible: zero widths, fillers, variation selectors, tags.
 */
const acting = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

const short: { readonly [character: string]: string } = { '\n': '↵', '\t': '\\t', '\r': '\\r' }

/** One line: line breaks show as ↵, the rest as `\x1b`, `\u202e`, `\u{e0041}`. */
export const visibleText = (text: string): string =>
  text.replace(acting, (character) => short[character] ?? escaped(character))

/** JSON that is safe to look at and parses to the same value. JSON.stringify alone leaves U+009B and U+202E as they are. */
export function visibleJson(value: unknown, indent?: number): string {
  // Line breaks outside strings are layout; inside strings JSON.stringify has escaped them.
  return JSON.stringify(value, null, indent).replace(acting, (character) =>
    character === '\n' ? character : unitsOf(character).map(unicodeEscape).join(''),
  )
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? unicodeEscape(code) : `\\u{${code.toString(16)}}`
}

const unitsOf = (character: string): number[] =>
  Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
const unicodeEscape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`

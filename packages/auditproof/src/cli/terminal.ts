/**
 * Text from a log, made fit for a terminal. Whoever is audited writes what an operator reads here: nothing of it may
 * move the cursor, change colours or titles, reorder what is shown, or hide (CWE-117, CWE-150).
 */

/**
 * Controls (C0, DEL, C1), line and paragraph separators, lone surrogates, format characters such as bidi controls, and
 * whatever else Unicode allows to be invisible: zero widths, fillers, variation selectors, tags.
 */
const acting = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

const short: { readonly [character: string]: string } = { '\n': '↵', '\t': '\\t', '\r': '\\r' }

/** One line: line breaks show as ↵, the rest as `\x1b`, `\u202e`, `\u{e0041}`. */
export const escapeForTerminal = (text: string): string =>
  text.replace(acting, (character) => short[character] ?? escaped(character))

/** The same, with line breaks kept: for messages of our own that hold foreign text. */
export const escapeLines = (text: string): string => text.split('\n').map(escapeForTerminal).join('\n')

/** JSON that is safe to look at and parses to the same value. JSON.stringify alone leaves U+009B and U+202E as they are. */
export function terminalJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent)
  // Line breaks outside strings are layout; inside strings JSON.stringify has escaped them.
  return json.replace(acting, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, i) => unicodeEscape(character.charCodeAt(i))).join(''),
  )
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? unicodeEscape(code) : `\\u{${code.toString(16)}}`
}

const unicodeEscape = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`

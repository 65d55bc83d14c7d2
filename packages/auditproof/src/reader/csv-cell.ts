/**
 * One cell of a CSV file that opens inert (CWE-1236). Whoever is audited writes what is in it: no spreadsheet may take
 * it for a formula, also one that is set to other separators, and nothing in it may act, reorder or hide.
 */
import { visibleText } from './visible.ts'

export const csvLimits = {
  /** A cell, UTF-16 units: Excel breaks what is longer off, and begins a new row with the rest. */
  cellUnitsMax: 32_767,
} as const

/**
 * What spreadsheets begin a formula with: = + - @, and all that compatibility folds to these (Unicode NFKC), as East Asian
 * settings do with full widths. What else begins one, a tab or a carriage return, is no longer there when this is asked.
 */
const starters = '=+\\-@\u207A\u207C\u208A\u208C\u2A75\u2A76\uFB29\uFE62\uFE63\uFE66\uFE6B\uFF0B\uFF0D\uFF1D\uFF20'

/**
 * Where a cell may begin: at its beginning, and behind a semicolon, which separates cells where Excel speaks German;
 * blanks and quotes before what matters do not help. An apostrophe that stands there already gets another, so that
 * taking one away gives the text again.
 */
const cellBegins = new RegExp(`(^|;)([\\s"]*)(?=['${starters}])`, 'g')

/** Quoted as in RFC 4180 §2, whatever it holds: one rule. */
export const csvCell = (text: string): string => quote(cut(defuse(visibleText(text))))

/** JSON in a cell, which parses to the same value: what could begin a formula behind a semicolon is escaped. */
export const csvJsonCell = (json: string): string => quote(cut(json.replace(behindSemicolon, escapeUnit)))

const defuse = (text: string): string => text.replace(cellBegins, `$1$2'`)

const behindSemicolon = new RegExp(`(?<=;\\s*)[${starters}]`, 'g')
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

function cut(text: string): string {
  if (text.length <= csvLimits.cellUnitsMax) return text
  const note = ` … [cut: ${text.length} characters]`
  return text.slice(0, csvLimits.cellUnitsMax - note.length).replace(/[\uD800-\uDBFF]$/, '') + note
}

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`

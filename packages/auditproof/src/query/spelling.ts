/**
 * How a text is written in a query. Bare, it ends at the next blank, and only `\*` is special in it: a star that is
 * meant. In quotes everything stands for itself but `\"`, `\\` and `\*`. A star behind either: only the beginning is
 * given.
 */
import { refuse, type Stretch } from './refuse.ts'

export interface Spelled {
  readonly text: string
  readonly prefix: boolean
  readonly quoted: boolean
  /** Where it ends, star and quotes included. */
  readonly end: number
}

const blankFrom = /\s/g
const typographic = /^[“”„‟«»]/

/** The next blank at or after `start`, or the end. */
export function endOfBare(query: string, start: number): number {
  blankFrom.lastIndex = start
  return blankFrom.exec(query)?.index ?? query.length
}

/**
 * @param start where the text begins
 * @param term where the term begins, for messages
 * @throws AuditError `usage`
 */
export const readSpelled = (query: string, start: number, term: number): Spelled =>
  query[start] === '"' ? readQuoted(query, start, term) : readBare(query, start, term)

function readBare(query: string, start: number, term: number): Spelled {
  const end = endOfBare(query, start)
  const raw = query.slice(start, end)
  const place: Stretch = { query, start: term, end }
  if (typographic.test(raw)) throw refuse(place, 'Typographic quotes quote nothing here', 'write straight ones: "…"')
  if (raw.includes('"'))
    throw refuse(place, 'A quote stands inside a word', String.raw`put the whole into quotes: "5\" pipe"`)
  const prefix = /(?<!\\)\*$/.test(raw)
  const body = prefix ? raw.slice(0, -1) : raw
  if (/(?<!\\)\*/.test(body))
    throw refuse(
      place,
      'A * stands for the rest of a word, so only at its end',
      String.raw`for the star itself write \*`,
    )
  return { text: body.replaceAll(String.raw`\*`, '*'), prefix, quoted: false, end }
}

function readQuoted(query: string, start: number, term: number): Spelled {
  let text = ''
  for (let i = start + 1; i < query.length; i++) {
    const unit = query[i]!
    if (unit === '"') return { text, quoted: true, ...endOfQuoted(query, i + 1, term) }
    if (unit !== '\\') text += unit
    else if (/["\\*]/.test(query[i + 1] ?? '')) text += query[++i]!
    else
      throw refuse(
        { query, start: term, end: endOfBare(query, i) },
        String.raw`In quotes a \ stands before ", \ or *`,
        String.raw`for the backslash itself write \\`,
      )
  }
  throw refuse(
    { query, start: term, end: query.length },
    'The quote is not closed',
    String.raw`write " at its end; a quote inside is \"`,
  )
}

function endOfQuoted(query: string, after: number, term: number): { prefix: boolean; end: number } {
  const prefix = query[after] === '*'
  const end = prefix ? after + 1 : after
  if (end < query.length && endOfBare(query, end) !== end)
    throw refuse(
      { query, start: term, end: endOfBare(query, end) },
      'Something follows a closing quote',
      String.raw`put a blank between; a quote inside quotes is \"`,
    )
  return { prefix, end }
}

/**
 * The shorter of both spellings, bare where they are equally long: so what is read and written again never grows.
 * @param special whether this text, bare, would be taken for something else where it stands
 */
export function writeSpelled(text: string, prefix: boolean, special: boolean): string {
  const bare = text.replaceAll('*', String.raw`\*`)
  const quoted = `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
  const needsQuotes =
    special ||
    (text === '' && !prefix) ||
    /[\s"]/.test(text) ||
    typographic.test(text) ||
    (prefix && text.endsWith('\\')) // bare, its star would be a star that is meant
  return (needsQuotes || quoted.length < bare.length ? quoted : bare) + (prefix ? '*' : '')
}

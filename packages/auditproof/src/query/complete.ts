/** What may stand at the caret of a search box or a shell, and what the text becomes when one of it is chosen. */
import { writeValue } from './format.ts'
import { nearest } from './nearest.ts'
import { isQueryKey, queryKeys, vocabularyOf, type QueryKey } from './query.ts'
import { endOfBare } from './spelling.ts'

interface Completed {
  /** What a choice replaces. */
  readonly from: number
  readonly to: number
  /** What stands there before the caret, unquoted: what callers look up values by. */
  readonly prefix: string
  /** What is known without a store: keys, and values of closed vocabularies, that begin with `prefix`. */
  readonly options: readonly string[]
}

export type Completion =
  | (Completed & { readonly kind: 'key' })
  | (Completed & { readonly kind: 'value'; readonly key: QueryKey })

/** Never throws: a query is hardly ever whole while it is being written. */
export function complete(text: string, caret: number): Completion {
  const at = Math.max(0, Math.min(Math.trunc(caret) || 0, text.length))
  const term = termAround(text, at)
  if (term === undefined) return keyAt(at, at, '')
  const { start, name, valueFrom, end } = term
  if (name === undefined)
    // A phrase is text, and so is a word behind which no colon can come.
    return text[start] === '"'
      ? { kind: 'key', from: start, to: end, prefix: '', options: [] }
      : keyAt(start, end, text.slice(start, at))
  const behindColon = start + name.length + 1
  if (!isQueryKey(name)) return mendedKey(start, behindColon, name)
  if (at < behindColon) return keyAt(start, behindColon, text.slice(start, at))
  const prefix = unquoted(text.slice(valueFrom, at))
  const options = (staticValues(name) ?? []).filter((value) => value.startsWith(prefix))
  return { kind: 'value', key: name, from: valueFrom, to: end, prefix, options }
}

/** The text with the choice in it, ready for what comes next, and where the caret then stands. */
export function applyCompletion(
  text: string,
  { kind, from, to }: Pick<Completion, 'kind' | 'from' | 'to'>,
  choice: string,
): { text: string; caret: number } {
  const rest = text.slice(to)
  if (kind === 'key') return { text: `${text.slice(0, from)}${choice}:${rest}`, caret: from + choice.length + 1 }
  const written = `${text.slice(0, from)}${writeValue(choice, false)}`
  return { text: `${written}${/^\s/.test(rest) ? '' : ' '}${rest}`, caret: written.length + 1 }
}

const keyAt = (from: number, to: number, prefix: string): Completion => ({
  kind: 'key',
  from,
  to,
  prefix,
  options: queryKeys.filter((key) => key.startsWith(prefix)),
})

function mendedKey(from: number, to: number, name: string): Completion {
  const meant = nearest(name, queryKeys)
  return { kind: 'key', from, to, prefix: name, options: meant === undefined ? [] : [meant] }
}

const staticValues = (key: QueryKey): readonly string[] | undefined =>
  key === 'at' ? ['today', 'yesterday'] : vocabularyOf(key)

interface TermAround {
  /** Behind a minus. */
  start: number
  /** What stands before the colon, where there is one. */
  name: string | undefined
  /** Behind colon and comparison. */
  valueFrom: number
  end: number
}

const parts = /(\s*)-?(?:([^\s":]*):(?:>=|<=|>|<)?)?/y

/** The term that the caret stands in or right behind; undefined between terms. */
function termAround(text: string, caret: number): TermAround | undefined {
  for (let at = 0; at < text.length;) {
    parts.lastIndex = at
    const [matched, blanks = '', name] = parts.exec(text)!
    const begin = at + blanks.length
    if (caret < begin || begin === text.length) return undefined
    const valueFrom = at + matched.length
    const end = endOfValue(text, valueFrom, caret)
    const start = text[begin] === '-' ? begin + 1 : begin
    if (caret <= end) return { start, name, valueFrom, end }
    at = end
  }
  return undefined
}

const quotedText = /"(?:[^"\\]|\\[\s\S])*"/y

function endOfValue(text: string, from: number, caret: number): number {
  if (text[from] !== '"') return endOfBare(text, from)
  quotedText.lastIndex = from
  // A quote that is still open swallows what follows; where it ends for the writer is told by the caret.
  return endOfBare(text, quotedText.test(text) ? quotedText.lastIndex : Math.max(from, caret))
}

function unquoted(written: string): string {
  if (!written.startsWith('"')) return written.replace(/(?<!\\)\*$/, '').replaceAll(String.raw`\*`, '*')
  const inside = /^"((?:[^"\\]|\\[\s\S])*)/.exec(written)![1]!
  return inside.replaceAll(/\\([\s\S])/g, '$1')
}

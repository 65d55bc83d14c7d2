/** The right-hand sides of a mapping file: where in a record a value stands, and what is made of it. */
import { AuditError } from '../errors.ts'
import type { Json, JsonObject } from '../event/json.ts'
import { nearest } from '../query/nearest.ts'
import type { Fields } from './fields.ts'
import { isObject, textOf } from './foreign.ts'
import { pointerTokens } from './pointer.ts'
import { readTimeAs, timeFormats, type TimeFormat } from './times.ts'

/** What a record has for it; undefined where it has nothing. */
export type Read = (record: Fields) => Json | undefined

/** Where in the mapping file we are, and what it says of the source. */
export interface At {
  file: string
  format: 'ndjson' | 'csv'
  path: string
  /** Collects the columns that are read. */
  columns: Set<string>
}

export type Compile = (given: Json, at: At) => Read

export const inside = (at: At, name: string | number): At => ({
  ...at,
  path: at.path === '' ? String(name) : `${at.path}.${name}`,
})

export const mappingProblem = ({ file, path }: At, says: string, hint: string): AuditError =>
  new AuditError('usage', `${file}: ${path === '' ? 'the mapping' : path} ${says}.`, { hint })

/** @throws AuditError `usage` naming the first member that is not known, and the one that was likely meant */
export function refuseUnknown(given: JsonObject, known: readonly string[], at: At): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const meant = nearest(unknown, known)
  throw mappingProblem(
    inside(at, unknown),
    'is not known',
    `${meant === undefined ? 'known' : `did you mean ${meant}? Known`}: ${known.join(', ')}`,
  )
}

/** A place in the record, or an object with one of "from", "value" and "template". */
export const anyValue: Compile = (given, at) => compileExpression(given, at, [], () => {})

/** One of a list of words, wherever the mapping itself says which. */
export const oneOf =
  (words: readonly string[]): Compile =>
  (given, at) =>
    compileExpression(given, at, [], (word, place) => {
      if (typeof word === 'string' && words.includes(word)) return
      const meant = typeof word === 'string' ? nearest(word, words) : undefined
      const hint = meant === undefined ? `known: ${words.join(', ')}` : `did you mean ${meant}?`
      throw mappingProblem(place, `is ${JSON.stringify(word)}, which is none of them`, hint)
    })

/** A time, as `{ occurredAt, timeZone }`. */
export const time: Compile = (given, at) => {
  const named = isObject(given) ? given['time'] : undefined
  const format = named === undefined ? 'rfc3339' : timeFormats.find((one) => one === named)
  if (format === undefined)
    throw mappingProblem(inside(at, 'time'), `is ${JSON.stringify(named)}`, `known: ${timeFormats.join(', ')}`)
  const read = compileExpression(given, at, ['time'], () => {})
  return (record) => ({ ...readTimeAs(format satisfies TimeFormat, textOf(read(record))) })
}

type CheckWord = (word: Json, at: At) => void

function compileExpression(given: Json, at: At, more: readonly string[], check: CheckWord): Read {
  if (typeof given === 'string') return place(given, at)
  if (!isObject(given)) throw noExpression(at)
  refuseUnknown(given, ['from', 'value', 'template', 'map', ...more], at)
  const { from, value, template, map } = given
  if ([from, value, template].filter((one) => one !== undefined).length !== 1) throw noExpression(at)
  if (value !== undefined) {
    if (map !== undefined) throw mappingProblem(inside(at, 'map'), 'maps a constant', 'leave it out')
    check(value, inside(at, 'value'))
    return () => value
  }
  const read = from === undefined ? compileTemplate(template, inside(at, 'template')) : place(from, inside(at, 'from'))
  return map === undefined ? read : translate(read, map, inside(at, 'map'), check)
}

const noExpression = (at: At): AuditError =>
  mappingProblem(
    at,
    'says nothing to read',
    `${placeHint(at)}, {"value": …} for a constant, {"template": "{…}.{…}"} for several together`,
  )

const placeHint = ({ format }: At): string =>
  format === 'csv' ? 'name a column' : 'write a JSON pointer such as /user/name'

function place(given: Json | undefined, at: At): Read {
  if (typeof given !== 'string' || given === '') throw mappingProblem(at, 'names no place', placeHint(at))
  if (at.format === 'csv') {
    at.columns.add(given)
    return (record) => usable(record.value(given))
  }
  const tokens = pointerTokens(given)
  if (tokens === undefined)
    throw mappingProblem(
      at,
      `is ${JSON.stringify(given)}, which is no JSON pointer`,
      `write /${given.replaceAll('.', '/')} for a place, {"value": ${JSON.stringify(given)}} for a constant`,
    )
  return (record) => usable(record.at(tokens))
}

const usable = (value: Json | undefined): Json | undefined => (value === '' ? undefined : value)

/** `{/a}.{/b}`: without one of its parts it gives nothing. `{{` and `}}` stand for braces. */
function compileTemplate(given: Json | undefined, at: At): Read {
  const hint = 'places stand in braces: "{/object}.{/verb}"; {{ and }} stand for braces'
  if (typeof given !== 'string') throw mappingProblem(at, 'is no text', hint)
  const parts = given.match(/\{\{|\}\}|\{[^{}]+\}|[^{}]+/g) ?? []
  if (parts.join('') !== given || given === '') throw mappingProblem(at, 'has a brace too many', hint)
  const reads = parts.map((part): Read => {
    if (part === '{{' || part === '}}') return () => part[0]!
    return part.startsWith('{') ? place(part.slice(1, -1), at) : () => part
  })
  return (record) => {
    const texts = reads.map((read) => textOf(read(record)))
    return texts.includes(undefined) ? undefined : texts.join('')
  }
}

/** What is not in the map stays as it is, unless `*` says what else it is. */
function translate(read: Read, map: Json, at: At, check: CheckWord): Read {
  if (!isObject(map)) throw mappingProblem(at, 'is no object', 'write {"200": "success", "*": "failure"}')
  for (const [name, word] of Object.entries(map)) check(word, inside(at, name))
  const words = new Map(Object.entries(map))
  return (record) => {
    const value = read(record)
    const text = textOf(value)
    if (text === undefined) return value
    return words.get(text) ?? words.get('*') ?? value
  }
}

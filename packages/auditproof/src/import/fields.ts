/**
 * A record that others wrote, read member by member. It notes what the mapping took, so that a run can list what no
 * mapping reads: a member that was asked for and is of another type than expected counts as not read.
 */
import type { Json, JsonObject } from '../event/json.ts'
import { isObject, textOf } from './foreign.ts'

export class Fields {
  readonly #object: JsonObject
  readonly #taken = new Set<string>()
  readonly #inner = new Map<string, Fields[]>()

  constructor(object: JsonObject) {
    this.#object = object
  }

  /** The names of all members, to look for those that mean something; takes none of them. */
  names(): string[] {
    return Object.keys(this.#object)
  }

  /** A member as it is, with everything in it; undefined where it is absent or null. */
  value(name: string): Json | undefined {
    const value = this.#peek(name)
    if (value === undefined) return undefined
    this.#taken.add(name)
    return value ?? undefined
  }

  /** Non-empty text; numbers and booleans as they are written. */
  text(name: string): string | undefined {
    const value = this.#peek(name)
    const text = textOf(value)
    if (text !== undefined || value === null || value === '') this.#taken.add(name)
    return text
  }

  /** A list as it is, with everything in it; empty where there is none. */
  list(name: string): Json[] {
    const value = this.#peek(name)
    if (Array.isArray(value) || value === null) this.#taken.add(name)
    return Array.isArray(value) ? value : []
  }

  /** The members of an object, taken one by one; none where it is no object. */
  object(name: string): Fields {
    return this.#open(name, (value) => (isObject(value) ? [new Fields(value)] : undefined))[0] ?? new Fields({})
  }

  /** The objects of a list, each taken member by member. */
  objects(name: string): Fields[] {
    return this.#open(name, (value) =>
      Array.isArray(value) ? value.filter(isObject).map((item) => new Fields(item)) : undefined,
    )
  }

  /** The value at an RFC 6901 pointer, given as its tokens. */
  at([name, ...rest]: readonly string[]): Json | undefined {
    if (name === undefined) return undefined
    if (rest.length === 0) return this.value(name)
    if (isObject(this.#peek(name))) return this.object(name).at(rest)
    let value: Json | undefined = this.#peek(name)
    for (const token of rest) value = step(value, token)
    if (value !== undefined) this.#taken.add(name)
    return value ?? undefined
  }

  /** Members that nothing has taken, those of an object or of a list's objects as `outer.inner`. */
  notTaken(): string[] {
    return this.names().flatMap((name) => {
      if (this.#taken.has(name)) return []
      const inner = this.#inner.get(name)
      if (inner === undefined) return [name]
      return [...new Set(inner.flatMap((fields) => fields.#ownNotTaken()))].map((member) => `${name}.${member}`)
    })
  }

  #ownNotTaken(): string[] {
    return this.names().filter((name) => !this.#taken.has(name) && !this.#inner.has(name))
  }

  #open(name: string, open: (value: Json) => Fields[] | undefined): Fields[] {
    const known = this.#inner.get(name)
    if (known !== undefined) return known
    const value = this.#peek(name)
    if (value === null) this.#taken.add(name)
    const opened = value === undefined ? undefined : open(value)
    if (opened === undefined) return []
    this.#inner.set(name, opened)
    return opened
  }

  // Never what the prototype has: `constructor` and `__proto__` are ordinary names in JSON.
  #peek(name: string): Json | undefined {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined
  }
}

function step(value: Json | undefined, token: string): Json | undefined {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined
  return isObject(value) && Object.hasOwn(value, token) ? value[token] : undefined
}

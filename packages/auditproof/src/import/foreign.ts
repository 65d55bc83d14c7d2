/**
 * Reading records that others wrote: every member may be absent, null, empty, or of another type than expected,
 * and none of that may stop an import. What is not usable reads as undefined.
 */
import type { Json, JsonObject } from '../event/json.ts'

/** Non-empty text; numbers and booleans as they are written. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}

export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])

/** `record[name]`, never what the prototype has: `constructor` and `__proto__` are ordinary names in JSON. */
export const member = (record: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Without the members that are undefined. */
export function present<T extends object>(members: T): Present<T> {
  for (const key of Object.keys(members) as (keyof T)[]) if (members[key] === undefined) delete members[key]
  return members
}

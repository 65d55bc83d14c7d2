/**
 * Values that others wrote: every one may be absent, null, empty, or of another type than expected, and none of that
 * may stop an import. What is not usable reads as undefined.
 */
import type { Json, JsonObject } from '../event/json.ts'

/** Non-empty text; numbers and booleans as they are written. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** The texts of a list. */
export const textsOf = (list: readonly Json[]): string[] => list.flatMap((item) => textOf(item) ?? [])

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Without the members that are undefined. */
export function present<T extends object>(members: T): Present<T> {
  for (const key of Object.keys(members) as (keyof T)[]) if (members[key] === undefined) delete members[key]
  return members
}

/** The same, undefined where nothing is left. */
export function presentOrNone<T extends object>(members: T): Present<T> | undefined {
  const left = present(members)
  return Object.keys(left).length > 0 ? left : undefined
}

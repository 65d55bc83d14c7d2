/**
 * Reading objects of the application, any of which may be a proxy whose traps throw, lie or count to a million.
 * Nothing here throws, and nothing takes longer than the budget says, but for one call of Object.keys.
 */
import type { Budget } from './budget.ts'

/** Stands for what could not be read. A symbol: no text of the application can be taken for it. */
export const unreadable: unique symbol = Symbol('unreadable')

/** A member of an object, or an item of a list; its getter may throw. */
export function readMember(object: object, key: string | number, budget: Budget): unknown {
  try {
    return (object as Record<string | number, unknown>)[key]
  } catch {
    budget.flags.add('unreadable')
    return unreadable
  }
}

/**
 * The own enumerable string keys, as many as there are values left to visit. There is no way to ask for some of
 * them only, so an object of a million keys costs its Object.keys, and then no other is asked.
 */
export function readKeys(object: object, budget: Budget): { keys: string[]; all: boolean } {
  const room = budget.values
  if (room < 0) return { keys: [], all: false }
  try {
    const keys = Object.keys(object)
    budget.values -= keys.length
    return keys.length > room ? { keys: keys.slice(0, room), all: false } : { keys, all: true }
  } catch {
    budget.flags.add('unreadable')
    return { keys: [], all: true }
  }
}

/** The first items of a list, and how many it has. */
export function readItems(list: readonly unknown[], max: number, budget: Budget): { items: unknown[]; length: number } {
  const claimed = readMember(list, 'length', budget)
  const length = typeof claimed === 'number' && claimed > 0 ? claimed : 0 // a proxy may claim anything
  const items: unknown[] = []
  for (let i = 0; i < length && i < max; i++) items.push(readMember(list, i, budget))
  return { items, length }
}

/** Array.isArray throws for a revoked proxy. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}

export function hasOwn(object: object, key: string): boolean {
  try {
    return Object.hasOwn(object, key)
  } catch {
    return false
  }
}

/**
 * What to read the members of: the object itself, or what its toJSON gives (documents of an object mapper).
 * Undefined where a value has no members by name: lists, bytes, maps, sets, dates, boxed values.
 */
export function withMembers(value: unknown): object | undefined {
  try {
    if (typeof value !== 'object' || value === null || isMemberless(value)) return undefined
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON !== 'function') return value
    const json: unknown = toJSON.call(value)
    return typeof json === 'object' && json !== null && !isMemberless(json) ? json : undefined
  } catch {
    return undefined
  }
}

const memberless = new Set(['Map', 'Set', 'Date', 'String', 'Number', 'Boolean'])

const isMemberless = (value: object): boolean =>
  Array.isArray(value) || ArrayBuffer.isView(value) || memberless.has(kindOf(value))

/**
 * What kind of built-in object this is, also when it comes from another realm, where `instanceof` knows none.
 * An object may lie about it: then the built-in method called on it throws. A proxy may throw.
 */
export const kindOf = (object: object): string => Object.prototype.toString.call(object).slice(8, -1)

/**
 * The text of an id, a name, an address, however it is held: a number, an id object of a database driver whose toJSON
 * gives its text. Undefined for what is no such thing.
 */
export function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'bigint':
      return bigintText(value)
    case 'number':
    case 'boolean':
      return String(value)
    default:
      return textByToJson(value)
  }
}

function textByToJson(value: unknown): string | undefined {
  try {
    const json = (value as { toJSON?: () => unknown } | null | undefined)?.toJSON?.()
    return typeof json === 'string' || typeof json === 'number' ? String(json) : undefined
  } catch {
    return undefined
  }
}

const bigintMax = 10n ** 1000n

/** Digits; hexadecimal beyond a thousand of them, since decimal ones would take seconds for a million. */
export const bigintText = (value: bigint): string =>
  value < bigintMax && value > -bigintMax
    ? String(value)
    : `${value < 0n ? '-' : ''}0x${(value < 0n ? -value : value).toString(16)}`

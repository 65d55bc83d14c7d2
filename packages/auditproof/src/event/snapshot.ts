/**
 * A plain copy of whatever the application hands over, taken in the call, so that what it does to its objects later
 * changes nothing. Hostile input (cycles, throwing getters, proxies, a hundred thousand levels, ten million
 * characters) costs bounded time and ends as a marker in the place where it stood.
 */
import { describeCut, cutText, isStorable, normalizeText } from './text.ts'
import { limits } from './limits.ts'
import type { Flag } from './flags.ts'
import type { Json } from './json.ts'

/** What is left for one event, and what had to be done to it. */
export class SnapshotBudget {
  bytes: number = limits.eventBytesMax
  values: number = limits.valuesMax
  readonly flags: Set<Flag> = new Set<Flag>()
}

/** `undefined` where JSON has nothing: undefined itself, functions, symbols. Never throws. */
export function takeSnapshot(value: unknown, budget: SnapshotBudget): Json | undefined {
  return visit(value, budget, [])
}

/** A member of a foreign object; its getter may throw. */
export function readMember(object: object, key: string, budget: SnapshotBudget): unknown {
  try {
    return (object as Record<string, unknown>)[key]
  } catch {
    budget.flags.add('unreadable')
    return '[unreadable]'
  }
}

/** The own enumerable string keys of a foreign object; a proxy may throw. */
export function readKeys(object: object, budget: SnapshotBudget): string[] {
  try {
    return Object.keys(object)
  } catch {
    budget.flags.add('unreadable')
    return []
  }
}

/** A string as it is stored: normalised, cut at `unitsMax` or at what is left of the event's size. */
export function takeText(text: string, budget: SnapshotBudget, unitsMax: number = limits.textUnitsMax): string {
  let taken = text
  if (taken.length > unitsMax || taken.length > budget.bytes) {
    taken = budget.bytes > limits.cutHeadUnits + 128 ? cutText(taken) : describeCut(taken)
    budget.flags.add('cut')
  }
  if (!isStorable(taken)) {
    taken = normalizeText(taken)
    budget.flags.add('normalized')
  }
  budget.bytes -= sizeOf(taken)
  return taken
}

/** Bytes of UTF-8, counted only where a text is long enough to matter. */
const sizeOf = (text: string): number => (text.length < 256 ? text.length : new TextEncoder().encode(text).length)

function visit(value: unknown, budget: SnapshotBudget, ancestors: object[]): Json | undefined {
  switch (typeof value) {
    case 'string':
      return takeText(value, budget)
    case 'boolean':
      return value
    case 'number':
      return takeNumber(value)
    case 'bigint':
      return takeText(value.toString(), budget)
    case 'object':
      return value === null ? null : visitObject(value, budget, ancestors)
    default:
      return undefined
  }
}

/** Beyond 2^53 neighbours share a number, and JSON knows neither NaN nor infinity: those travel as text. */
function takeNumber(value: number): number | string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return String(value)
  return value === 0 ? 0 : value // no -0
}

function visitObject(object: object, budget: SnapshotBudget, ancestors: object[]): Json {
  if (ancestors.includes(object)) return marker('[cycle]', 'unreadable', budget)
  if (ancestors.length >= limits.depthMax) return marker(`[cut: deeper than ${limits.depthMax}]`, 'cut', budget)
  ancestors.push(object)
  try {
    return visitMembers(object, budget, ancestors)
  } catch {
    return marker('[unreadable]', 'unreadable', budget) // a proxy whose traps throw
  } finally {
    ancestors.pop()
  }
}

function visitMembers(object: object, budget: SnapshotBudget, ancestors: object[]): Json {
  if (object instanceof Date) return Number.isNaN(object.getTime()) ? null : object.toISOString()
  if (ArrayBuffer.isView(object)) return { bytes: object.byteLength, type: object.constructor.name }
  if (object instanceof Error) return visitError(object, budget)
  if (Array.isArray(object)) return visitItems(object, object.length, budget, ancestors)
  if (object instanceof Set) return visitItems([...object], object.size, budget, ancestors)
  const source = object instanceof Map ? mapMembers(object) : object
  if (typeof (source as { toJSON?: unknown }).toJSON === 'function') {
    const json = (source as { toJSON: () => unknown }).toJSON()
    // A toJSON that gives back its own object would go round for ever; the ancestors show it.
    return visit(json, budget, ancestors) ?? null
  }
  // Without a prototype "__proto__" is a key like any other.
  const copy = Object.create(null) as { [key: string]: Json }
  for (const key of Object.keys(source)) {
    if (exhausted(budget)) {
      copy['_cut'] = marker('[cut: more members]', 'cut', budget)
      break
    }
    const member = visit(readMember(source, key, budget), budget, ancestors)
    if (member !== undefined) copy[takeText(key, budget, limits.labelUnitsMax)] = member
  }
  return copy
}

function visitItems(items: unknown[], length: number, budget: SnapshotBudget, ancestors: object[]): Json {
  const copy: Json[] = []
  for (let i = 0; i < length; i++) {
    if (exhausted(budget)) {
      copy.push(marker(`[cut: ${length - i} more of ${length}]`, 'cut', budget))
      break
    }
    copy.push(visit(items[i], budget, ancestors) ?? null)
  }
  return copy
}

/** The stack is left out: it names paths of the machine. */
function visitError(error: Error, budget: SnapshotBudget): Json {
  const code = (error as { code?: unknown }).code
  return {
    name: takeText(String(error.name), budget, limits.labelUnitsMax),
    message: takeText(String(error.message), budget),
    ...(typeof code === 'string' && { code: takeText(code, budget, limits.labelUnitsMax) }),
  }
}

function mapMembers(map: Map<unknown, unknown>): object {
  const members = Object.create(null) as Record<string, unknown>
  for (const [key, value] of map) members[String(key)] = value
  return members
}

function exhausted(budget: SnapshotBudget): boolean {
  budget.values -= 1
  budget.bytes -= 4 // quotes, a colon or comma, a short number
  return budget.values < 0 || budget.bytes < 0
}

function marker(text: string, flag: Flag, budget: SnapshotBudget): string {
  budget.flags.add(flag)
  return text
}

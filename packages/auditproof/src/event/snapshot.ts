/**
 * A plain copy of whatever the application hands over, taken in the call, so that what it does to its objects later
 * changes nothing. Hostile input (cycles, throwing getters, proxies, a hundred thousand levels, ten million
 * characters) costs bounded time and ends as a marker in the place where it stood.
 */
import { bigintText, kindOf, readKeys, readMember, unreadable } from './foreign.ts'
import { takeText } from './text.ts'
import { limits } from './limits.ts'
import type { Budget } from './budget.ts'
import type { Flag } from './flags.ts'
import type { Json, JsonObject } from './json.ts'

/** `undefined` where JSON has nothing: undefined itself, functions, symbols. Never throws. */
export function takeSnapshot(value: unknown, budget: Budget): Json | undefined {
  return visit(value, budget, [])
}

function visit(value: unknown, budget: Budget, ancestors: object[]): Json | undefined {
  switch (typeof value) {
    case 'string':
      return takeText(value, budget)
    case 'boolean':
      budget.bytes -= 5
      return value
    case 'number':
      return takeNumber(value, budget)
    case 'bigint':
      return takeText(bigintText(value), budget)
    case 'object':
      if (value !== null) return visitObject(value, budget, ancestors)
      budget.bytes -= 4
      return null
    default:
      return value === unreadable ? marker('[unreadable]', 'unreadable', budget) : undefined
  }
}

/** Beyond 2^53 neighbours share a number, and JSON knows neither NaN nor infinity: those travel as text. */
function takeNumber(value: number, budget: Budget): number | string {
  budget.bytes -= 26 // the longest there is
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return String(value)
  return value === 0 ? 0 : value // no -0
}

function visitObject(object: object, budget: Budget, ancestors: object[]): Json {
  if (ancestors.includes(object)) return marker('[cycle]', 'unreadable', budget)
  if (ancestors.length >= limits.depthMax) return marker(`[cut: deeper than ${limits.depthMax}]`, 'cut', budget)
  ancestors.push(object)
  try {
    return visitByKind(object, budget, ancestors)
  } catch {
    return marker('[unreadable]', 'unreadable', budget) // a proxy whose traps throw
  } finally {
    ancestors.pop()
  }
}

/** Built-in objects are read by their own methods, whatever was put in their place. */
function visitByKind(object: object, budget: Budget, ancestors: object[]): Json {
  if (Array.isArray(object)) return visitItems((i) => readMember(object, i, budget), object.length, budget, ancestors)
  if (ArrayBuffer.isView(object)) return visitBytes(object, budget)
  switch (kindOf(object)) {
    case 'Date':
      return visitDate(object as Date, budget)
    case 'Error':
      return visitError(object as Error, budget)
    case 'Set':
      return visitSet(object as Set<unknown>, budget, ancestors)
    case 'Map':
      return visitMap(object as Map<unknown, unknown>, budget, ancestors)
    case 'String':
      return takeText(String.prototype.valueOf.call(object), budget)
    case 'Number':
      return takeNumber(Number.prototype.valueOf.call(object), budget)
    case 'Boolean':
      return Boolean.prototype.valueOf.call(object)
    default:
      return visitPlain(object, budget, ancestors)
  }
}

function visitPlain(object: object, budget: Budget, ancestors: object[]): Json {
  const { toJSON } = object as { toJSON?: unknown }
  if (typeof toJSON === 'function') {
    const json: unknown = toJSON.call(object)
    // What gives itself is read like any other; what gives a new one each time goes round until the depth ends it.
    if (json !== object) return visit(json, budget, ancestors) ?? null
  }
  const { keys, all } = readKeys(object, budget)
  const copy = new MembersCopy(budget)
  for (const key of keys)
    if (!copy.add(key, visitUnlessSpent(readMember(object, key, budget), budget, ancestors))) break
  return copy.end(all)
}

const visitUnlessSpent = (value: unknown, budget: Budget, ancestors: object[]): Json | undefined =>
  budget.bytes < 0 ? undefined : visit(value, budget, ancestors)

function visitMap(map: Map<unknown, unknown>, budget: Budget, ancestors: object[]): Json {
  const copy = new MembersCopy(budget)
  for (const [key, value] of Map.prototype.entries.call(map)) {
    budget.values -= 1
    if (budget.values < 0) return copy.end(false)
    const name = typeof key === 'object' ? JSON.stringify(visit(key, budget, ancestors)) : keyText(key)
    if (!copy.add(name, visitUnlessSpent(value, budget, ancestors))) break
  }
  return copy.end(true)
}

const keyText = (key: unknown): string => (typeof key === 'bigint' ? bigintText(key) : String(key))

function visitSet(set: Set<unknown>, budget: Budget, ancestors: object[]): Json {
  const items = Set.prototype.values.call(set)
  return visitItems(() => items.next().value, sizeOfSet.call(set) as number, budget, ancestors)
}

const sizeOfSet = Object.getOwnPropertyDescriptor(Set.prototype, 'size')!.get!

/** Members one after the other, as long as there is room. */
class MembersCopy {
  // Without a prototype "__proto__" is a key like any other.
  readonly #copy = Object.create(null) as JsonObject
  readonly #budget: Budget
  #added = 0
  #full = false

  constructor(budget: Budget) {
    this.#budget = budget
    budget.bytes -= 2
  }

  /** @returns false when there was no room for it */
  add(key: string, member: Json | undefined): boolean {
    if (this.#budget.bytes < 0) this.#full = true
    else if (member !== undefined) {
      this.#budget.bytes -= 2
      putMember(this.#copy, this.#added++, takeText(key, this.#budget, limits.labelUnitsMax), member, this.#budget)
    }
    return !this.#full
  }

  end(all: boolean): JsonObject {
    if (this.#full || !all)
      putMember(this.#copy, this.#added, '_cut', marker('[cut: more members]', 'cut', this.#budget), this.#budget)
    return this.#copy
  }
}

/** Two keys may be one after they were normalised or cut: the second is told apart by `′` and its number. */
export function putMember(object: JsonObject, n: number, name: string, member: Json, budget: Budget): void {
  let free = name
  for (let primes = '′'; Object.hasOwn(object, free); primes += '′') free = `${name}${primes}${n}`
  budget.bytes -= 3 * (free.length - name.length)
  object[free] = member
}

function visitItems(read: (i: number) => unknown, length: number, budget: Budget, ancestors: object[]): Json[] {
  const copy: Json[] = []
  budget.bytes -= 2
  for (let i = 0; i < length; i++) {
    budget.values -= 1
    budget.bytes -= 1
    if (budget.spent) {
      copy.push(marker(`[cut: ${length - i} more of ${length}]`, 'cut', budget))
      break
    }
    copy.push(visit(read(i), budget, ancestors) ?? visit(null, budget, ancestors)!)
  }
  return copy
}

function visitDate(date: Date, budget: Budget): Json {
  const ms = Date.prototype.getTime.call(date)
  budget.bytes -= 30
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}

function visitBytes(view: ArrayBufferView, budget: Budget): Json {
  const { byteLength } = view
  const name: unknown = view.constructor.name
  budget.bytes -= 40
  return {
    bytes: typeof byteLength === 'number' ? takeNumber(byteLength, budget) : 0,
    type: takeText(typeof name === 'string' ? name : 'bytes', budget, limits.labelUnitsMax),
  }
}

/** The stack is left out: it names paths of the machine. */
function visitError(error: Error, budget: Budget): Json {
  const { name, message, code } = error as { name: unknown; message: unknown; code?: unknown }
  budget.bytes -= 40
  return {
    name: takeText(String(name), budget, limits.labelUnitsMax),
    message: takeText(String(message), budget),
    ...(typeof code === 'string' && { code: takeText(code, budget, limits.labelUnitsMax) }),
  }
}

function marker(text: string, flag: Flag, budget: Budget): string {
  budget.flags.add(flag)
  budget.bytes -= text.length + 2
  return text
}

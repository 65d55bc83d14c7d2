/**
 * What changed between two states of a thing, as one `Change` a field with an RFC 6901 path.
 * Objects are compared member by member; arrays and scalars are replaced as a whole where they differ, because
 * positions in a list name nothing that lasts.
 */
import { canonicalize } from './canonical.ts'
import type { Change } from './event.ts'
import type { Json, JsonObject } from './json.ts'

/** `undefined` stands for "was not there". */
export function diffStates(before: Json | undefined, after: Json | undefined): Change[] {
  const changes: Change[] = []
  collect(before, after, '', changes)
  return changes
}

function collect(before: Json | undefined, after: Json | undefined, path: string, changes: Change[]): void {
  if (isObject(before) && isObject(after)) {
    for (const key of Object.keys({ ...before, ...after })) {
      const at = (state: JsonObject): Json | undefined => (Object.hasOwn(state, key) ? state[key] : undefined)
      collect(at(before), at(after), `${path}/${escapePointer(key)}`, changes)
    }
    return
  }
  if (before === undefined && after === undefined) return
  if (before === undefined) changes.push({ path, op: 'add', new: after! })
  else if (after === undefined) changes.push({ path, op: 'remove', old: before })
  else if (canonicalize(before) !== canonicalize(after)) changes.push({ path, op: 'replace', old: before, new: after })
}

/** RFC 6901 section 3. */
export const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

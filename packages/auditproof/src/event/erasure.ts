/**
 * How the record of an erasure names what it destroyed: the details of an `audit.erase` event are
 * `{ erased: [{ index, groups }] }`. Whoever erases writes it; `verify` holds the erasure rows of the store against it.
 */
import { groups, type Group } from './disclosure.ts'
import type { Json, JsonObject } from './json.ts'

export const eraseAction = 'audit.erase'

export interface ErasedContent {
  /** Of the event whose content went; in the log in which the erasure is recorded. */
  index: number
  groups: readonly Group[]
}

/** The details of the event; other members may stand beside `erased`. */
export const formatErased = (erased: readonly ErasedContent[]): JsonObject => ({
  erased: erased.map(({ index, groups: names }) => ({ index, groups: [...names] })),
})

/** What the details of an `audit.erase` event name; undefined where they have another form. */
export function parseErased(details: Json | undefined): ErasedContent[] | undefined {
  const erased = isObject(details) ? details['erased'] : undefined
  if (!Array.isArray(erased)) return undefined
  const items: ErasedContent[] = []
  for (const item of erased) {
    const { index, groups: names } = isObject(item) ? item : {}
    if (!Number.isSafeInteger(index) || !Array.isArray(names)) return undefined
    if (!names.every((name): name is Group => groups.some((group) => group === name))) return undefined
    items.push({ index: index as number, groups: names })
  }
  return items
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

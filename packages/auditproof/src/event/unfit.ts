/** What did not fit where it was given: kept in `details._unfit` under the name of its place, and flagged. */
import { takeSnapshot, type SnapshotBudget } from './snapshot.ts'
import type { Json, JsonObject } from './json.ts'

export class Unfit {
  readonly budget: SnapshotBudget
  #kept: JsonObject | undefined

  constructor(budget: SnapshotBudget) {
    this.budget = budget
  }

  /** Keeps a foreign value and flags the event as `replaced`. */
  keep(place: string, value: unknown): void {
    this.budget.flags.add('replaced')
    this.note(place, takeSnapshot(value, this.budget) ?? `[${typeof value}]`)
  }

  /** Keeps a value that is JSON already, without another flag. */
  note(place: string, value: Json): void {
    this.#kept ??= Object.create(null) as JsonObject
    this.#kept[place] = value
  }

  mergeInto(details: JsonObject | undefined): JsonObject | undefined {
    if (this.#kept === undefined) return details
    // What the application itself wrote under that name stays, one level down.
    const own = details?.['_unfit']
    if (own !== undefined) this.#kept['details._unfit'] = own
    return { ...details, _unfit: this.#kept }
  }
}

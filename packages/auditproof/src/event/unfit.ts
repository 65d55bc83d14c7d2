/** What did not fit where it was given: kept in `details._unfit` under the name of its place, and flagged. */
import { putMember, takeSnapshot } from './snapshot.ts'
import { limits } from './limits.ts'
import { takeText } from './text.ts'
import type { Budget } from './budget.ts'
import type { Json, JsonObject } from './json.ts'

export class Unfit {
  readonly #budget: Budget
  #kept: JsonObject | undefined
  #count = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Keeps a foreign value and flags the event as `replaced`. */
  keep(place: string, value: unknown): void {
    this.#budget.flags.add('replaced')
    if (this.#budget.spent) return this.#leaveOut()
    const taken = takeSnapshot(value, this.#budget)
    this.#put(place, taken === undefined ? `[${typeof value}]` : taken)
  }

  /** Keeps a text, without another flag. */
  note(place: string, text: string): void {
    if (this.#budget.spent) this.#leaveOut()
    else this.#put(place, takeText(text, this.#budget))
  }

  mergeInto(details: JsonObject | undefined): JsonObject | undefined {
    if (this.#kept === undefined) return details
    // What the application itself wrote under that name stays, one level down.
    const own = details?.['_unfit']
    if (own !== undefined) this.#kept['details._unfit'] = own
    return { ...details, _unfit: this.#kept }
  }

  #put(place: string, value: Json): void {
    this.#kept ??= Object.create(null) as JsonObject
    this.#budget.bytes -= 2
    putMember(this.#kept, this.#count++, takeText(place, this.#budget, limits.labelUnitsMax), value, this.#budget)
  }

  #leaveOut(): void {
    this.#budget.flags.add('cut')
    this.#kept ??= Object.create(null) as JsonObject
    this.#kept['_cut'] = '[cut: more members]'
  }
}

/** The schema that is there against the one that the migrations make, which is kept in `schema.jsonl`; a test makes it anew. */
import { readFileSync } from 'node:fs'
import type { Inspection } from '../../store.ts'
import { partitionOf, type Kind, type Thing } from './catalog.ts'

export interface Difference {
  thing: Thing
  /** `changed`: it is there with another definition, and this is the right one. */
  what: 'missing' | 'changed' | 'extra'
}

export const formatSchema = (things: readonly Thing[]): string =>
  things.map(({ kind, on, name, definition }) => `${JSON.stringify([kind, on, name, definition])}\n`).join('')

export const wantedSchema = (): Thing[] =>
  readFileSync(new URL('schema.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [kind, on, name, definition] = JSON.parse(line) as [Kind, string, string, string]
      return { kind, on, name, definition }
    })

export class Schema {
  readonly #found: readonly Thing[]
  readonly #wanted: Thing[]
  /** Those of `content` that have a name as auditproof gives them. */
  readonly partitions: string[]

  constructor(found: readonly Thing[]) {
    this.#found = found
    this.partitions = found
      .filter((thing) => thing.kind === 'table' && partitionOf(thing) !== undefined)
      .map(({ on }) => on)
      .sort()
    this.#wanted = wantedSchema().flatMap((thing) =>
      thing.on.includes('content_*') ? this.partitions.map((partition) => named(thing, partition)) : [thing],
    )
  }

  differences(kind: Kind): Difference[] {
    const [wanted, found] = [byPlace(this.#wanted, kind), byPlace(this.#found, kind)]
    const differing: Difference[] = []
    for (const [place, thing] of wanted) {
      const there = found.get(place)
      if (there === undefined) differing.push({ thing, what: 'missing' })
      else if (there.definition !== thing.definition) differing.push({ thing, what: 'changed' })
    }
    for (const [place, thing] of found) if (!wanted.has(place)) differing.push({ thing, what: 'extra' })
    return differing
  }

  count(kind: Kind): number {
    return byPlace(this.#wanted, kind).size
  }
}

const named = (thing: Thing, partition: string): Thing => ({
  ...thing,
  on: thing.on.replace('content_*', partition),
  name: thing.name.replace('content_*', partition),
  definition: thing.definition.replace('content_*', partition),
})

/** Of grants there are several at one place: each is a thing of its own. */
const byPlace = (things: readonly Thing[], kind: Kind): Map<string, Thing> =>
  new Map(
    things
      .filter((thing) => thing.kind === kind)
      .map((thing) => [[thing.on, thing.name, ...(kind === 'grant' ? [thing.definition] : [])].join(' '), thing]),
  )

const shownMax = 12

/** @param fix SQL that takes the difference away */
export function findingOf(
  name: string,
  good: string,
  differing: readonly Difference[],
  say: (difference: Difference) => string,
  fix: (difference: Difference) => string,
): Inspection {
  if (differing.length === 0) return { name, ok: true, detail: good }
  const more = differing.length > shownMax ? `, and ${differing.length - shownMax} more` : ''
  const shown = differing.slice(0, shownMax)
  return {
    name,
    ok: false,
    detail: `${shown.map(say).join(', ')}${more}`,
    fix: `as auditproof_owner or a superuser: ${[...new Set(shown.map(fix))].join(' ')} Then run auditproof verify, and find out who did it.`,
  }
}

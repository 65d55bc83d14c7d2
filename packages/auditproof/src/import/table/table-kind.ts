/** A system whose audit table is read: what its columns are, and what they mean. One file each beside this one. */
import type { ActorInput, EventInput, Reference } from '../../event/event.ts'
import { actionOf } from '../action.ts'
import type { Fields } from '../fields.ts'
import { present } from '../foreign.ts'
import type { Mapped } from '../mapped.ts'
import { readTime, readTimeAs } from '../times.ts'

export interface TableKind {
  name: string
  /** Where its rows lie unless `--table` says otherwise. */
  table: string
  /** Without these it is another table; all others may be missing. `id` tells one row from another. */
  needs: readonly string[]
  /** The column of when it happened; `unix` counts seconds. */
  time: { column: string; unix?: true }
  /** One column, or several that make an action together. */
  action: readonly string[]
  event(row: Fields): EventInput
}

/** What the import adds to `details` under names of its own; a column that is called so is kept as `column NAME`. */
const ownDetails = new Set(['original', 'importedFrom', 'sharedId', 'timeZone'])

/** @param instance which table it is: see `SourceTable` */
export function mapRow(kind: TableKind, row: Fields, instance: string): Mapped {
  row.text('tenant_id') // whoever imports decides what becomes of it
  const sourceId = row.text('id')
  const { details, ...event } = kind.event(row)
  const time = row.text(kind.time.column)
  const { occurredAt, timeZone } = kind.time.unix === true ? readTimeAs('unix', time) : readTime(time)
  const words = kind.action.map((column) => row.text(column))
  const action = actionOf(...words)
  // One column is an action as it stands, or else its own words would be nowhere but in the original.
  const said =
    kind.action.length === 1 && words[0] !== undefined && action !== words[0] ? [[kind.action[0], words[0]]] : []
  const others = row.notTaken().map((name) => [ownDetails.has(name) ? `column ${name}` : name, row.value(name)])
  return present({
    action,
    sourceId,
    event: {
      ...event,
      occurredAt,
      details: present({
        ...(Object.fromEntries([...others, ...said]) as object),
        ...details,
        timeZone,
        importedFrom: instance,
      }),
    },
  })
}

/** Nobody where the column is empty: the event layer then says that nobody was named. */
export const userOf = (id: string | undefined): ActorInput | undefined =>
  id === undefined ? undefined : { type: 'user', id }

/** Nothing where there is no id: a type alone names nothing, and stays in its column. */
export const referenceTo = (type: string | undefined, id: string | undefined): Reference[] =>
  id === undefined ? [] : [{ type: type ?? 'unknown', id }]

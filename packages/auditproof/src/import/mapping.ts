/**
 * A mapping file: how the records of any other NDJSON or CSV become events.
 *
 *     { "source": "helpdesk", "event": { "id": "/id", "occurredAt": { "from": "/at", "time": "unix-ms" },
 *       "action": { "template": "ticket.{/verb}" }, "actor": { "id": "/user/login" },
 *       "outcome": { "from": "/status", "map": { "200": "success", "*": "failure" } } } }
 *
 * It is read strictly, whole, before anything is imported; what a record then holds is mended and flagged by the event
 * layer, like everything from outside.
 */
import { AuditError } from '../errors.ts'
import type { EventInput } from '../event/event.ts'
import type { Json, JsonObject } from '../event/json.ts'
import { parseJson } from '../event/parse-json.ts'
import { actionOf } from './action.ts'
import { csvSeparators, type CsvSeparator } from './csv.ts'
import type { Fields } from './fields.ts'
import { isObject, present, textOf } from './foreign.ts'
import { noTime, type Mapped } from './mapped.ts'
import { inside, mappingProblem, refuseUnknown, type At } from './mapping-expression.ts'
import { eventMembers } from './mapping-members.ts'
import type { SourceTime } from './times.ts'

export interface Mapping {
  format: 'ndjson' | 'csv'
  /** What the source is called: part of every id, and `origin.source` of every event. */
  source: string
  separator: CsvSeparator
  /** Columns that are read, of CSV. */
  columns: readonly string[]
  map(record: Fields): Mapped
}

/** @param file its name, for messages @throws AuditError `usage` naming the place */
export function parseMapping(text: string, format: 'ndjson' | 'csv', file: string): Mapping {
  const at: At = { file, format, path: '', columns: new Set() }
  const given = parseText(text, at)
  if (format === 'ndjson' && given['separator'] !== undefined)
    throw mappingProblem(inside(at, 'separator'), 'is for CSV', 'leave it out, or import csv')
  refuseUnknown(given, ['source', 'event', ...(format === 'csv' ? ['separator'] : [])], at)
  const { source, event } = given
  if (typeof source !== 'string' || source === '' || source.length > 100)
    throw mappingProblem(inside(at, 'source'), 'names no source', 'a name such as "helpdesk": it is part of every id')
  if (event === undefined)
    throw mappingProblem(inside(at, 'event'), 'is missing', 'it says where each member of the event stands')
  const read = eventMembers(event, inside(at, 'event'))
  const hasTenant = isObject(event) && event['tenant'] !== undefined
  const separator = separatorOf(given['separator'] ?? ',', inside(at, 'separator'))
  const map = (record: Fields): Mapped => mappedOf(read(record), hasTenant)
  return { format, source, separator, columns: [...at.columns], map }
}

function parseText(text: string, at: At): JsonObject {
  let given: unknown
  try {
    given = parseJson(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const says = cause instanceof Error ? cause.message : String(cause)
    throw new AuditError('usage', `${at.file} is not JSON: ${says}.`, { hint: 'a mapping is one JSON object', cause })
  }
  if (isObject(given as Json)) return given as JsonObject
  throw mappingProblem(at, 'is JSON, but no object', 'write {"source": "helpdesk", "event": {…}}')
}

function separatorOf(given: Json, at: At): CsvSeparator {
  const separator = csvSeparators.find((one) => one === given)
  if (separator !== undefined) return separator
  throw mappingProblem(at, `is ${JSON.stringify(given)}`, 'known: "," ";" "\\t" "|"')
}

function mappedOf(read: Json | undefined, hasTenant: boolean): Mapped {
  const { id, tenant, action, occurredAt, details, ...rest } = (read ?? {}) as { [name: string]: Json | undefined }
  const { occurredAt: happened, timeZone } = (occurredAt ?? { occurredAt: noTime }) as unknown as SourceTime
  return present({
    action: actionOf(textOf(action)),
    sourceId: textOf(id),
    event: {
      ...(rest as EventInput),
      occurredAt: happened,
      details: present({ ...(details as JsonObject | undefined), timeZone }),
      // Asked for and not found is not the same as not asked for: see `openImport`.
      ...(hasTenant && { tenant: textOf(tenant) as string }),
    },
  })
}

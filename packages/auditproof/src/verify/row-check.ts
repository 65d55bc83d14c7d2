/**
 * One event as it is stored, against itself: every copy is derived again from the bytes of the entry and the
 * disclosures, in the order in which they were made: actor, target, context, changes, each single change, details.
 */
import { AuditError } from '../errors.ts'
import {
  boundValue,
  decodeDisclosure,
  decodeEntry,
  disclosureDigest,
  eraseAction,
  rollbackAction,
  groups,
  peekGroup,
  summaryOf,
} from '../event/index.ts'
import type { Entry, Group, GroupValues, Json, Summary } from '../event/index.ts'
import { leafHash, sameHash, type Hash } from '../log/index.ts'
import type { Findings } from './findings.ts'
import type { ContentRow, EntryRow } from './rows.ts'

/** The record that a log began, in `_system`. */
export const createAction = 'log.create'
/** Events that the check of a log rests on. They are never erased. */
export const recordActions: ReadonlySet<string> = new Set([eraseAction, createAction, rollbackAction])

/** What is recorded as erased of one event. */
export interface ErasedGroups {
  readonly groups: ReadonlySet<Group>
  /** Those of them that were erased while the store was being read: such a group may still be there, or not. */
  readonly late: ReadonlySet<Group>
}

export interface CheckedRow {
  leafHash: Hash
  /** Undefined where its bytes are no entry of ours. */
  entry: Entry | undefined
  /** Undefined where its disclosures are not what they have to be. */
  values: Partial<GroupValues> | undefined
}

export function checkRow(row: EntryRow, erased: ErasedGroups, findings: Findings): CheckedRow & { newer?: true } {
  const hash = leafHash(row.entry)
  if (!sameHash(hash, row.leafHash))
    findings.at(row.index, 'leaf hashes', 'the leaf hash stored beside the entry is not its hash')
  let entry: Entry
  try {
    entry = decodeEntry(row.entry)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    if (error.code === 'entry_version') return { leafHash: hash, entry: undefined, values: undefined, newer: true }
    findings.at(row.index, 'entries', error.message)
    return { leafHash: hash, entry: undefined, values: undefined }
  }
  if (entry.id !== row.id)
    findings.at(row.index, 'search columns', `the id ${JSON.stringify(row.id)} stored beside the entry is not its id`)
  if (row.content === undefined) {
    findings.at(row.index, 'disclosures', 'its content is gone')
    return { leafHash: hash, entry, values: undefined }
  }
  const values = openInOrder(entry, row.index, row.content.disclosures, erased, findings)
  if (values !== undefined) checkSummary(row.index, row.content.summary, summaryOf(entry, values), findings)
  return { leafHash: hash, entry, values }
}

/** For each group its disclosure, or the record that it was erased; then nothing more. Undefined after a finding. */
function openInOrder(
  entry: Entry,
  index: number,
  disclosures: ContentRow['disclosures'],
  erased: ErasedGroups,
  findings: Findings,
): Partial<GroupValues> | undefined {
  const values: Partial<Record<Group, unknown>> = {}
  let at = 0
  const bad = (what: string): undefined => {
    findings.at(index, 'disclosures', what)
    return undefined
  }
  // Where entries have moved, the erasures that name them disagree as well.
  const moved = (what: string): undefined => {
    findings.seenAt(index, 'disclosures', what)
    return undefined
  }
  try {
    for (const group of groups) {
      const text = disclosures[at]
      if (text === undefined || groupOf(text) !== group) {
        if (erased.groups.has(group)) continue
        if (disclosures.slice(at).some((other) => groupOf(other) === group))
          return bad('its disclosures are out of order')
        return moved(`${group} is missing, and no erasure of it is recorded`)
      }
      if (erased.groups.has(group) && !erased.late.has(group)) return moved(`${group} was erased, and is there again`)
      at += 1
      if (!entry.digests.includes(disclosureDigest(text))) return bad(`${group} is not what the entry has a digest of`)
      const value = boundValue(text, group)
      values[group] = value
      if (group !== 'changes' || value === null) continue
      const changes: Json[] = []
      for (const digest of changeDigests(value)) {
        const change = disclosures[at++]
        if (change === undefined || groupOf(change) !== null || disclosureDigest(change) !== digest)
          return bad('a change is not what its group has a digest of')
        changes.push(boundValue(change, null))
      }
      values.changes = changes
    }
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    return bad(error.message)
  }
  if (at < disclosures.length)
    return bad(`${disclosures.length - at} of its disclosures are no part of it, or out of order`)
  return values as Partial<GroupValues>
}

/** `null` for a single change. */
const groupOf = (text: string): Group | null => {
  const peeked = peekGroup(text)
  return peeked === undefined ? (decodeDisclosure(text).group ?? null) : peeked
}

/** RFC 9901 section 4.2.4.2: an array of `{"...": digest}`. */
function changeDigests(value: Json): string[] {
  if (!Array.isArray(value)) throw new AuditError('disclosure_malformed', 'its changes are no list')
  return value.map((element) => {
    const digest =
      typeof element === 'object' && element !== null && !Array.isArray(element) ? element['...'] : undefined
    if (typeof digest !== 'string') throw new AuditError('disclosure_malformed', 'a change has no digest')
    return digest
  })
}

function checkSummary(index: number, stored: ContentRow['summary'], derived: Summary, findings: Findings): void {
  for (const column of summaryColumns)
    if (stored[column] !== derived[column])
      return findings.at(
        index,
        'search columns',
        `${column} is stored as ${show(stored[column])}; the event says ${show(derived[column])}`,
      )
}

const summaryColumns = [
  'occurredAt', 'recordedAt', 'action', 'outcome', 'severity', 'actor', 'actorName', 'target', 'targetName',
] as const satisfies (keyof Summary)[] // prettier-ignore

const show = (value: string | null): string => (value === null ? 'nothing' : JSON.stringify(value.slice(0, 100)))

/**
 * The entry: the exact bytes of one event in a log. RFC 8785 (JCS) of
 *
 *   {"_sd":[five digests, sorted],"_sd_alg":"sha-256","action","id","occurredAt","outcome",
 *    "producer":{"boot","id","n"},"recordedAt","severity","v":1}
 *
 * All of it is ASCII from closed vocabularies, so a template writes the canonical form.
 * The stored bytes are the hashed bytes: an entry is never serialised again to be checked.
 */
import { AuditError } from '../errors.ts'
import { groups } from './disclosure.ts'
import { clearMembersProblem, type ClearMembers } from './clear.ts'
import { outcomes, severities, type Outcome, type Severity } from './event.ts'
import { limits } from './limits.ts'
import { isTime } from './time.ts'
import { parseJson } from './parse-json.ts'

export interface Entry extends ClearMembers {
  /** Digests of the five disclosures, sorted; which is whose stays open until they are disclosed. */
  digests: readonly string[]
}

/** Canonical text of an entry; ASCII. The digests are sorted here, in place. */
export function encodeEntry(clear: ClearMembers, digests: string[]): string {
  digests.sort()
  const { producer } = clear
  return (
    `{"_sd":["${digests.join('","')}"],"_sd_alg":"sha-256","action":"${clear.action}","id":"${clear.id}",` +
    `"occurredAt":"${clear.occurredAt}","outcome":"${clear.outcome}",` +
    `"producer":{"boot":"${producer.boot}","id":"${producer.id}","n":${producer.n}},` +
    `"recordedAt":"${clear.recordedAt}","severity":"${clear.severity}","v":1}`
  )
}

const digestGrammar = /^[A-Za-z0-9_-]{43}$/

/**
 * Reads the bytes of an entry, and believes nothing: what it returns encodes to the same bytes again.
 * @throws AuditError `entry_malformed`; `entry_version` where `v` is not 1, which this version cannot judge
 */
export function decodeEntry(bytes: Uint8Array): Entry {
  const text = asciiDecoder.decode(bytes)
  return matchEntry(text) ?? parseEntry(text)
}

/** Text that is in canonical form, read in one go; whatever else it is, `parseEntry` says. */
function matchEntry(text: string): Entry | undefined {
  const match = entryGrammar.exec(text)
  if (match === null) return undefined
  const [, a, b, c, d, e, action, id, occurredAt, outcome, boot, producerId, n, recordedAt, severity] = match as string[] as [
    string, string, string, string, string, string, string, string, string, Outcome, string, string, string, string, Severity,
  ] // prettier-ignore
  const ascending = a < b && b < c && c < d && d < e
  if (!ascending || action.length > limits.actionCharsMax || !isTime(occurredAt) || !isTime(recordedAt))
    return undefined
  const count = Number(n)
  if (!Number.isSafeInteger(count)) return undefined
  const producer = { id: producerId, boot, n: count }
  return { id, action, outcome, severity, occurredAt, recordedAt, producer, digests: [a, b, c, d, e] }
}

const label = (charsMax: number): string => `"([A-Za-z0-9._:-]{1,${charsMax}})"`
const digest = '"([A-Za-z0-9_-]{43})"'
const time = '"([0-9T:.Z-]{20,30})"'
const entryGrammar = new RegExp(
  `^\\{"_sd":\\[${Array.from(groups, () => digest).join(',')}\\],"_sd_alg":"sha-256",` +
    `"action":"([A-Za-z0-9_]+(?:[.:/-][A-Za-z0-9_]+)*)","id":${label(limits.idCharsMax)},"occurredAt":${time},"outcome":"(${outcomes.join('|')})",` +
    `"producer":\\{"boot":${label(limits.producerCharsMax)},"id":${label(limits.producerCharsMax)},"n":(0|[1-9][0-9]*)\\},"recordedAt":${time},` +
    `"severity":"(${severities.join('|')})","v":1\\}$`,
)

function parseEntry(text: string): Entry {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new AuditError('entry_malformed', 'An entry holds no JSON.', { cause })
  }
  const { v, _sd: digests, action, id, occurredAt, outcome, producer, recordedAt, severity } = asRecord(value)
  if (typeof v === 'number' && v !== 1)
    throw new AuditError('entry_version', `An entry has version ${v}; this auditproof knows version 1.`)
  if (!Array.isArray(digests) || digests.length !== groups.length || !digests.every(isDigest))
    throw new AuditError('entry_malformed', `An entry has not its ${groups.length} digests.`)
  const { id: producerId, boot, n } = asRecord(producer)
  const entry = {
    ...({ id, action, outcome, severity, occurredAt, recordedAt } as Omit<ClearMembers, 'producer'>),
    producer: { id: producerId, boot, n } as ClearMembers['producer'],
    digests: digests as string[],
  }
  for (const member of [id, action, occurredAt, recordedAt, producerId, boot])
    if (typeof member !== 'string') throw new AuditError('entry_malformed', 'An entry lacks a clear member.')
  const problem = clearMembersProblem(entry)
  if (problem !== undefined) throw new AuditError('entry_malformed', `An entry has the ${problem}.`)
  // Re-encode: an extra member, another order, a blank or an escape would be a second text for one event.
  if (encodeEntry(entry, [...entry.digests]) !== text || new Set(entry.digests).size !== groups.length)
    throw new AuditError('entry_malformed', 'An entry is not in canonical form.')
  return entry
}

const asciiDecoder = new TextDecoder('latin1')

const isDigest = (value: unknown): boolean => typeof value === 'string' && digestGrammar.test(value)

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/**
 * What an event can be found by: texts that a store keeps in its search index, each a letter for its kind and what of
 * the event it says. Derived from entry and disclosures alone, so that `verify` derives them again.
 *
 * Lower case and normal form are those of the Unicode that runs here; for characters which Unicode knew when they were
 * recorded it keeps them for ever (https://www.unicode.org/policies/stability_policy.html).
 */
import { sha256 } from '#sha256'
import { parseAddress, unmapNetwork } from './address.ts'
import type { ClearMembers } from './clear.ts'
import type { Actor, Context, Reference } from './event.ts'
import type { GroupValues } from './groups.ts'
import type { Json } from './json.ts'
import { limits } from './limits.ts'

/** The letter that a key begins with. */
export const searchKinds = {
  action: 'a',
  actor: 'u',
  as: 'b',
  target: 't',
  scope: 's',
  outcome: 'o',
  severity: 'v',
  ip: 'i',
  request: 'r',
  correlation: 'c',
  session: 'n',
  reason: 'y',
  via: 'w',
  has: 'h',
  is: 'z',
  changed: 'f',
  word: 'x',
} as const

export type SearchKind = keyof typeof searchKinds

/**
 * Between the id and the type of a reference, before the type of one without id, and before a name. Both were replaced
 * in events when they were taken (see text.ts), so no id can contain them.
 */
export const typeMark = '\u0001'
export const nameMark = '\u0002'

/** Nearly every event has these: they have no key, and are found as those without the others. */
export const commonOutcome = 'success'
export const commonSeverity = 'info'

/** Marked by the store when something of the event was erased. */
export const erasedKey: string = `${searchKinds.is}erased`

/** The keys that stand in the index as soon as the event does. May name one twice. */
export function searchKeys(clear: ClearMembers, values: Partial<GroupValues>): string[] {
  const { actor, target, context, changes, details } = values
  const keys: string[] = []
  pushAction(keys, clear.action)
  if (clear.outcome !== commonOutcome) keys.push(searchKinds.outcome + clear.outcome)
  if (clear.severity !== commonSeverity) keys.push(searchKinds.severity + clear.severity)
  if (actor) pushActor(keys, actor)
  if (target) {
    for (const one of target.targets) pushReference(keys, searchKinds.target, one)
    for (const one of target.scope ?? []) pushReference(keys, searchKinds.scope, one)
  }
  if (context) pushContext(keys, context)
  if (context?.origin.kind === 'import') keys.push(`${searchKinds.is}imported`)
  if (context?.origin.flags?.length) keys.push(`${searchKinds.is}flagged`)
  if (changes?.length) keys.push(`${searchKinds.has}changes`)
  const reason = details?.reason
  if (reason) {
    keys.push(`${searchKinds.has}reason`)
    for (const said of [reason.code, reason.text]) pushText(keys, searchKinds.reason, said && foldText(said))
  }
  return keys
}

/** The keys that are added behind the log: the fields that changed, and every word. */
export function laterSearchKeys(clear: ClearMembers, values: Partial<GroupValues>): string[] {
  const keys: string[] = []
  for (const { path } of values.changes ?? []) pushText(keys, searchKinds.changed, path)
  for (const word of wordsOf(clear, values)) keys.push(searchKinds.word + word)
  return keys
}

/** A value as it stands in a key: of what is longer the beginning, and a hash of the whole, so that no two are one. */
export const keyText = (value: string): string =>
  value.length <= limits.searchKeyUnitsMax ? value : `${keyBeginning(value)}…${hashOf(value)}`

/** What every key of a longer value begins with, and the longest beginning that can be looked for. */
export const keyBeginningUnitsMax: number = limits.searchKeyUnitsMax - 33
const keyBeginning = (value: string): string => value.slice(0, keyBeginningUnitsMax).toWellFormed()

const hashOf = (text: string): string =>
  Array.from(sha256(encoder.encode(text)).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')

const encoder = new TextEncoder()

/** Names and words are compared without regard to case, width and composition. */
export const foldText = (text: string): string =>
  plain.test(text) ? text.toLowerCase() : text.normalize('NFKC').toLowerCase().normalize('NFC')
const plain = /^[\x20-\x7e]*$/

/** The words of a text, as they stand in keys. */
export function wordsIn(text: string): string[] {
  return (foldText(text).match(wordGrammar) ?? []).map((word) =>
    word.length <= limits.searchWordUnitsMax ? word : word.slice(0, limits.searchWordUnitsMax).toWellFormed(),
  )
}

/** A fixed set, not a property of Unicode that grows: letters and digits of ASCII, `_`, and all beyond but punctuation. */
const wordGrammar =
  /(?:[0-9A-Z_a-z\u00AA\u00B2\u00B3\u00B5\u00B9\u00BA\u00BC-\u00BE\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u1FFF\u2070-\u2FFF\u3005-\u3007\u3021-\uFEFE\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A\uFF66-\uFFEF]|[\u{10000}-\u{10FFFF}])+/gu

/**
 * An address so that those of a network lie side by side: `4` and 8 hex digits, `6` and 32, else `t` and the text.
 * A port is left out; an IPv4 address inside IPv6 is an IPv4 address.
 */
export function addressKey(text: string): string {
  const bytes = parseAddress(withoutPort(text))
  if (bytes === undefined) return `t${foldText(text)}`
  const address = unmapNetwork({ bytes, bits: bytes.length * 8 }).bytes
  return (address.length === 4 ? '4' : '6') + Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** `192.0.2.7:443`, `[2001:db8::7]:443`, `fe80::1%eth0`, `[fe80::1%eth0]:443`: a zone says something at its host only. */
const withoutPort = (text: string): string =>
  (/^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d{1,5}$/, '$1')).replace(/%.*$/, '')

/** `case.document.update` is also found as `case.*` and `case.document.*`. */
function pushAction(keys: string[], action: string): void {
  keys.push(searchKinds.action + action)
  for (let i = 1; i < action.length; i++) {
    const code = action.charCodeAt(i)
    if (code === 0x2e || code === 0x3a || code === 0x2f || code === 0x2d)
      keys.push(`${searchKinds.action}${action.slice(0, i + 1)}*`)
  }
}

function pushActor(keys: string[], actor: Actor): void {
  pushParty(keys, searchKinds.actor, actor)
  pushText(keys, searchKinds.session, actor.sessionId)
  pushText(keys, searchKinds.via, actor.via)
  if (actor.onBehalfOf === undefined) return
  keys.push(`${searchKinds.is}impersonated`)
  for (let one: Actor | undefined = actor.onBehalfOf; one !== undefined; one = one.onBehalfOf)
    pushParty(keys, searchKinds.as, one)
}

function pushParty(keys: string[], kind: string, { type, id, name, email }: Actor): void {
  keys.push(referenceKey(kind, type, id))
  if (id !== undefined) keys.push(kind + typeMark + type)
  pushName(keys, kind, name)
  pushName(keys, kind, email)
}

function pushReference(keys: string[], kind: string, { type, id, name }: Reference): void {
  keys.push(referenceKey(kind, type, id), kind + typeMark + keyText(type))
  pushName(keys, kind, name)
}

export const referenceKey = (kind: string, type: string, id = ''): string =>
  kind + keyText(id) + typeMark + keyText(type)

function pushName(keys: string[], kind: string, name: string | undefined): void {
  if (name !== undefined && name !== '') keys.push(kind + nameMark + keyText(foldText(name)))
}

function pushContext(keys: string[], { ip, requestId, correlationId, traceId }: Context): void {
  if (ip !== undefined)
    for (const one of ip.split(/[\s,;]+/)) if (one !== '') keys.push(searchKinds.ip + keyText(addressKey(one)))
  pushText(keys, searchKinds.request, requestId)
  pushText(keys, searchKinds.correlation, correlationId)
  pushText(keys, searchKinds.correlation, traceId)
}

function pushText(keys: string[], kind: string, text: string | undefined): void {
  if (text !== undefined && text !== '') keys.push(kind + keyText(text))
}

/**
 * Of each group its own words, as many as it may have: when one is erased, what the others are found by stays as it was.
 */
function wordsOf(clear: ClearMembers, values: Partial<GroupValues>): Set<string> {
  const all = new Set(wordsIn(clear.action))
  for (const group of [actorTexts, targetTexts, changeTexts, detailTexts]) {
    const words = new Set<string>()
    for (const text of group(values))
      for (const word of wordsIn(text)) if (words.size < limits.searchWordsMax) words.add(word)
    for (const word of words) all.add(word)
  }
  return all
}

/** Every text of an event whose words it is found by. */
export function* searchTexts(clear: ClearMembers, values: Partial<GroupValues>): Generator<string, void> {
  yield clear.action
  for (const group of [actorTexts, targetTexts, changeTexts, detailTexts]) yield* group(values)
}

function* actorTexts({ actor }: Partial<GroupValues>): Generator<string, void> {
  for (let one: Actor | undefined = actor ?? undefined; one !== undefined; one = one.onBehalfOf)
    yield* given(one.id, one.name, one.email, one.via, ...(one.roles ?? []))
}

function* targetTexts({ target }: Partial<GroupValues>): Generator<string, void> {
  for (const { type, id, name } of [...(target?.targets ?? []), ...(target?.scope ?? [])]) yield* given(type, id, name)
}

function* changeTexts({ changes }: Partial<GroupValues>): Generator<string, void> {
  for (const { path, old, new: changed } of changes ?? []) {
    yield path
    yield* textsIn(old)
    yield* textsIn(changed)
  }
}

function* detailTexts({ details }: Partial<GroupValues>): Generator<string, void> {
  yield* given(details?.reason?.code, details?.reason?.text)
  for (const [name, value] of Object.entries(details?.details ?? {})) {
    // The original of an imported event: what of it was mapped is found by what it was mapped to.
    if (name === 'original') continue
    yield name
    yield* textsIn(value)
  }
}

const given = (...texts: (string | undefined)[]): string[] => texts.filter((text) => text !== undefined)

function* textsIn(value: Json | undefined): Generator<string, void> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'number') yield String(value)
  else if (Array.isArray(value)) for (const one of value) yield* textsIn(one)
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) {
      yield name
      yield* textsIn(one)
    }
}

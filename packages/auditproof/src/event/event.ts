import type { Json, JsonObject } from './json.ts'

export const outcomes = ['success', 'failure', 'denied', 'unknown'] as const
export const severities = ['info', 'notice', 'warning', 'critical'] as const
export const actorTypes = ['user', 'service', 'system', 'agent', 'anonymous'] as const
export const originKinds = ['direct', 'transaction', 'spool', 'import', 'capture'] as const
export const changeOps = ['add', 'remove', 'replace'] as const

export type Outcome = (typeof outcomes)[number]
export type Severity = (typeof severities)[number]
export type ActorType = (typeof actorTypes)[number]
export type OriginKind = (typeof originKinds)[number]
export type ChangeOp = (typeof changeOps)[number]

/** Something an event was done to, or belongs to. */
export interface Reference {
  type: string
  id: string
  /** As it was called when the event happened, so that it can be read after deletion. */
  name?: string
}

/** Who did it. */
export interface Actor {
  type: ActorType
  id?: string
  name?: string
  email?: string
  roles?: string[]
  /** For whom: an impersonated user, the human behind an agent. */
  onBehalfOf?: Actor
  /** Through what: 'api', 'mcp', 'console'. */
  via?: string
  sessionId?: string
  credential?: { type: string; id: string }
}

/** One change of one field; `path` is an RFC 6901 JSON pointer. */
export interface Change {
  path: string
  op: ChangeOp
  old?: Json
  new?: Json
}

/** Where it came from, as far as the application knows. */
export interface Context {
  /** Text: real sources send host names, ports and lists. */
  ip?: string
  forwarded?: string[]
  userAgent?: string
  requestId?: string
  traceId?: string
  spanId?: string
  correlationId?: string
  node?: string
  service?: string
  module?: string
  version?: string
  query?: string
  http?: { method: string; route?: string; path: string; status?: number; durationMs?: number }
}

export interface Reason {
  code?: string
  text?: string
}

/** `n` counts per (boot, tenant), so that a missing event shows. */
export interface Producer {
  id: string
  boot: string
  n: number
}

/** How the event reached the log. */
export interface Origin {
  kind: OriginKind
  source?: string
  sourceId?: string
  /** What was done to the event on its way in: see `flags.ts`. */
  flags?: string[]
}

/**
 * One event, whole: every member true to its type, every default filled in.
 * `recordedAt` is set by the log when it appends and never goes back within a log.
 */
export interface AuditEvent {
  id: string
  tenant: string
  occurredAt: string
  recordedAt: string
  action: string
  outcome: Outcome
  reason?: Reason
  severity: Severity
  actor: Actor
  targets: Reference[]
  scope?: Reference[]
  changes?: Change[]
  context?: Context
  details?: JsonObject
  producer: Producer
  origin: Origin
}

/** What a door hands to the store: an event that the log has not yet given a time. */
export type Submission = Omit<AuditEvent, 'recordedAt'>

export type ActorInput = Omit<Actor, 'type' | 'onBehalfOf'> & { type?: ActorType; onBehalfOf?: ActorInput | string }

/**
 * What an application passes to `record(action, event)`. Every member is optional; nothing is refused for its shape.
 * `target` and the members of `scope` take `'case/c_12'` for `{ type: 'case', id: 'c_12' }`.
 */
export interface EventInput {
  /** Identity and idempotency key; a UUIDv7 when absent. */
  id?: string
  tenant?: string
  /** RFC 3339 text, a Date, or milliseconds since 1970; now when absent. */
  occurredAt?: string | Date | number
  outcome?: Outcome
  reason?: string | Reason
  severity?: Severity
  actor?: ActorInput | string
  target?: string | Reference
  targets?: (string | Reference)[]
  scope?: (string | Reference)[]
  /** Either the changes themselves, or the thing before and after, from which they are made. */
  changes?: Change[]
  before?: unknown
  after?: unknown
  context?: Context
  details?: { [key: string]: unknown }
  origin?: Partial<Origin>
}

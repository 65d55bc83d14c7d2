/**
 * What is known around an event and need not be said at each call: set for a stretch of work with `run`, bound to a
 * recorder with `with`. What the event itself says wins, member by member; `context` and `details` are merged.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventInput } from '../event/index.ts'

export type AuditContext = Pick<EventInput, 'tenant' | 'actor' | 'scope' | 'context' | 'details' | 'reason' | 'origin'>

export class AmbientContext {
  readonly #storage = new AsyncLocalStorage<AuditContext>()

  /** Inside `fn`, and in whatever it starts, every event has this context; an inner run adds to the outer one. */
  run<R>(context: AuditContext, fn: () => R): R {
    return this.#storage.run(mergeContext(this.#storage.getStore(), context), fn)
  }

  get current(): AuditContext | undefined {
    return this.#storage.getStore()
  }
}

/** Members of `inner` win. Foreign objects are only looked at when the event is taken, where they may throw harmlessly. */
export function mergeContext(outer: AuditContext | undefined, inner: AuditContext): AuditContext {
  if (outer === undefined) return inner
  return {
    ...outer,
    ...inner,
    ...(outer.context && inner.context && { context: { ...outer.context, ...inner.context } }),
    ...(outer.details && inner.details && { details: { ...outer.details, ...inner.details } }),
  }
}

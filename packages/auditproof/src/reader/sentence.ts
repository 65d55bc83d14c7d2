/** An event as a sentence: the person first, names rather than ids, and what did not succeed said so. */
import type { Actor, Change, Json, Reference } from '../event/index.ts'
import type { ReadEvent } from './event.ts'

export interface SentenceParts {
  who: string
  did: string
  action: string
  /** Absent where there is no target. */
  what?: string
  /** How it ended, where that is not success; and the one change, where there is one. */
  rest: string
}

export function sentenceOf(event: ReadEvent): string {
  const { who, did, action, what, rest } = sentenceParts(event)
  return `${who} ${did} ${action}${what === undefined ? '' : ` on ${what}`}${rest}`
}

export function sentenceParts(event: ReadEvent): SentenceParts {
  const { outcome, targets = [], changes = [], reason } = event
  const [target, ...others] = targets
  const what = target && nameOfReference(target) + (others.length === 0 ? '' : ` and ${others.length} more`)
  const ended =
    outcome === 'denied'
      ? ', and was denied'
      : outcome === 'failure'
        ? ', and failed'
        : outcome === 'unknown'
          ? ', outcome unknown'
          : ''
  const only = changes.length === 1 ? changes[0] : undefined
  const said = reason?.text ?? reason?.code
  return {
    who: event.erased.includes('actor') ? 'somebody (erased)' : nameOfActor(event.actor),
    did: outcome === 'denied' || outcome === 'failure' ? 'tried' : 'did',
    action: event.action ?? 'something unreadable',
    ...(event.erased.includes('target') ? { what: 'something (erased)' } : what !== undefined && { what }),
    rest: `${only === undefined ? '' : `: ${describeChange(only)}`}${ended}${said === undefined ? '' : ` (${said})`}`,
  }
}

export function nameOfActor(actor: Actor | undefined): string {
  if (actor === undefined) return 'somebody'
  const name = actor.name ?? actor.email ?? actor.id ?? actor.type
  const kind = actor.type === 'user' || name === actor.type ? '' : `${actor.type} `
  const behind = actor.onBehalfOf === undefined ? '' : ` for ${nameOfActor(actor.onBehalfOf)}`
  return `${kind}${name}${behind}${actor.via === undefined ? '' : ` via ${actor.via}`}`
}

export const nameOfReference = ({ type, id, name }: Reference): string => `${type} ${name ?? id}`

/** `status: open → closed`; null, empty text and absent look different. */
export const describeChange = (change: Change): string =>
  `${fieldOf(change.path)}: ${describeValue(change.old, change.op === 'add')} → ${describeValue(change.new, change.op === 'remove')}`

/** `/address/city` as `address.city`. */
export const fieldOf = (path: string): string =>
  path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.') || '(all of it)'

export function describeValue(value: Json | undefined, absent: boolean): string {
  if (value === undefined) return absent ? '(none)' : '(not given)'
  if (value === '') return '""'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

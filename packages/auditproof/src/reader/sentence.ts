/** An event as a sentence: the person first, names rather than ids, and what did not succeed said so. */
import type { Actor, Change, Json, Reference } from '../event/index.ts'
import type { ReadEvent } from './event.ts'

export function sentenceOf(event: ReadEvent): string {
  const { outcome, targets = [], erased } = event
  const who = erased.includes('actor') ? 'somebody (erased)' : nameOfActor(event.actor)
  const did = outcome === 'denied' || outcome === 'failure' ? 'tried' : 'did'
  const [target, ...others] = targets
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const what = erased.includes('target')
    ? ' on something (erased)'
    : target === undefined
      ? ''
      : ` on ${nameOfReference(target)}${more}`
  return `${who} ${did} ${event.action ?? 'something unreadable'}${what}${onlyChange(event)}${ending(event)}`
}

/** One change stands in the sentence; of several there is a table. */
function onlyChange({ changes = [] }: ReadEvent): string {
  const [change, ...others] = changes
  return change === undefined || others.length > 0 ? '' : `: ${describeChange(change)}`
}

function ending({ outcome, reason }: ReadEvent): string {
  const said = reason?.text ?? reason?.code
  const why = said === undefined ? '' : ` (${said})`
  if (outcome === 'denied') return `, and was denied${why}`
  if (outcome === 'failure') return `, and failed${why}`
  return outcome === 'unknown' ? `, outcome unknown${why}` : why
}

export function nameOfActor(actor: Actor | undefined): string {
  if (actor === undefined) return 'somebody'
  const name = actor.name ?? actor.email ?? actor.id ?? actor.type
  const kind = actor.type === 'user' || name === actor.type ? '' : `${actor.type} `
  const behind = actor.onBehalfOf === undefined ? '' : ` for ${nameOfActor(actor.onBehalfOf)}`
  return `${kind}${name}${behind}${actor.via === undefined ? '' : ` via ${actor.via}`}`
}

const nameOfReference = ({ type, id, name }: Reference): string => `${type} ${name ?? id}`

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

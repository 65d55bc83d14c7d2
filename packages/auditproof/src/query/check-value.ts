/** Values of keys that do not take any text. */
import { AuditError } from '../errors.ts'
import { parseNetwork } from '../event/address.ts'
import { nearest } from './nearest.ts'
import { vocabularyOf, type KeyTerm } from './query.ts'
import { refuse, type Stretch } from './refuse.ts'
import { spanOf } from './span.ts'

/** @throws AuditError `usage` */
export function checkValue(term: KeyTerm, place: Stretch): void {
  const { key, value, prefix } = term
  const known = vocabularyOf(key)
  if (prefix && (known !== undefined || key === 'at'))
    throw refuse(place, `${key} takes no *`, known === undefined ? rangeHint : `write one of ${known.join(', ')}`)
  if (known !== undefined && !known.includes(value)) {
    const meant = nearest(value, known)
    const all = known.join(', ')
    const hint = meant === undefined ? `known: ${all}` : `did you mean ${meant}? Known: ${all}`
    throw refuse(place, `There is no ${key}:${value}`, hint)
  }
  if (key === 'at') checkTime(term, place)
  if (key === 'ip') checkAddress(term, place)
}

const rangeHint = 'a range is two terms: at:>=2026-03-01 at:<2026-04-01'

/** Any moment does: only whether the text is understood is asked. */
const someMoment = Date.UTC(2026, 0, 1)

function checkTime({ value, comparison }: KeyTerm, place: Stretch): void {
  let moment: boolean
  try {
    ;({ moment } = spanOf(value, someMoment))
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    throw refuse(place, `There is no time ${JSON.stringify(value)}`, error.hint ?? rangeHint)
  }
  if (moment && comparison === '=') throw refuse(place, `${value} is one moment, not a range`, `write at:>=${value}`)
}

/** Real sources send host names and lists, so any text may be looked for; a network that is none would match nothing. */
function checkAddress({ value, prefix }: KeyTerm, place: Stretch): void {
  const network = parseNetwork(value)
  if (network !== undefined && value.includes('/') && prefix)
    throw refuse(place, 'A network takes no *', `its length says it: ip:${value}`)
  if (network === undefined && /^(?:\d+|[0-9a-f]*[.:][0-9a-f.:]*)\/[0-9a-f.:]*$/i.test(value))
    throw refuse(place, `${JSON.stringify(value)} is no network`, 'write 10.0.0.0/8, 2001:db8::/32, or one address')
}

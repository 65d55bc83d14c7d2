/** From a submission to the bytes of the log: salts, disclosures, digests, entry. Made once, inside append. */
import { disclosureDigest, encodeChangeDisclosure, encodeDisclosure, groups, type Salt } from './disclosure.ts'
import { encodeEntry } from './entry.ts'
import { groupValues } from './groups.ts'
import type { Submission } from './event.ts'

export interface SealedEvent {
  /** Canonical text, ASCII. */
  entry: string
  /** actor, target, context, changes, each single change, details. */
  disclosures: string[]
}

/** @param newSalt gives a fresh salt at each call: five, and one for each change */
export function sealEvent(event: Submission, recordedAt: string, newSalt: () => Salt): SealedEvent {
  const values = groupValues(event)
  const digests: string[] = []
  const disclosures: string[] = []
  for (const group of groups) {
    let value: string
    const single: string[] = []
    if (group === 'changes' && values.changes !== null) {
      for (const change of values.changes) single.push(encodeChangeDisclosure(newSalt(), JSON.stringify(change)))
      value = `[${single.map((disclosure) => `{"...":"${disclosureDigest(disclosure)}"}`).join(',')}]`
    } else value = JSON.stringify(values[group])
    const disclosure = encodeDisclosure(newSalt(), group, value)
    digests.push(disclosureDigest(disclosure))
    disclosures.push(disclosure, ...single)
  }
  const { id, action, outcome, severity, occurredAt, producer } = event
  return {
    entry: encodeEntry({ id, action, outcome, severity, occurredAt, recordedAt, producer }, digests),
    disclosures,
  }
}

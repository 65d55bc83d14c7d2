/** Erasing: what is left of each event is worked out first, then put in the place of what was there. */
import { AuditError } from '../../errors.ts'
import { erasedKey, type Group } from '../../event/index.ts'
import type { Sources } from '../append-plan.ts'
import { checkErasure, contentAfterErasing, type ErasedContent } from '../erasing.ts'
import type { AppendOutcome, Erasure } from '../store.ts'
import { parseBatch, planBatch } from './append.ts'
import type { MemoryData, MemoryLog } from './data.ts'
import type { MemoryFaults } from './faults.ts'

interface ErasedEvent {
  index: number
  groups: readonly Group[]
  left: ErasedContent
}

export function planErasure(
  data: MemoryData,
  sources: Sources,
  faults: MemoryFaults,
  erasure: Erasure,
): { outcome: AppendOutcome; apply: () => void } {
  checkErasure(erasure)
  const log = data.logOf(erasure.tenant)
  if (log === undefined) throw new AuditError('erase_refused', `There is no tenant ${JSON.stringify(erasure.tenant)}.`)
  const erased = eventsWithout(log, erasure)
  const { outcomes, apply } = planBatch(data, sources, faults, parseBatch([erasure.submission]))
  const outcome = outcomes[0]!
  if (outcome.state !== 'stored' || outcome.tenant !== erasure.tenant) {
    const why = outcome.state === 'rejected' ? outcome.message : 'its event belongs to another tenant.'
    throw new AuditError('erase_refused', `The erasure could not be recorded: ${why}`)
  }
  return {
    outcome,
    apply: () => {
      apply()
      if (!outcome.duplicate) for (const event of erased) eraseOne(log, event, outcome.index)
    },
  }
}

/** One event may stand in several items; each goes on from what the one before has left. */
function eventsWithout(log: MemoryLog, { items }: Erasure): ErasedEvent[] {
  const disclosuresLeft = new Map<number, string[]>()
  return items.map(({ index, groups }) => {
    const { entry, content } = log.entries[index] ?? {}
    const left = contentAfterErasing(index, entry, disclosuresLeft.get(index) ?? content?.disclosures ?? [], groups)
    disclosuresLeft.set(index, left.disclosures)
    return { index, groups, left }
  })
}

function eraseOne(log: MemoryLog, { index, groups, left }: ErasedEvent, by: number): void {
  const { summary, disclosures, lostKeys } = left
  log.entries[index]!.content = { summary, disclosures }
  for (const key of lostKeys) log.keys[index]!.delete(key)
  log.keys[index]!.add(erasedKey)
  for (const group of groups)
    if (!log.erasures.some((row) => row.index === index && row.group === group)) log.erasures.push({ index, group, by })
}

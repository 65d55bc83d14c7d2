/** Receipts out of a store: all that somebody needs who has nothing but the public key. */
import { AuditError } from '../errors.ts'
import { decodeDisclosure, groups as allGroups, type Group } from '../event/index.ts'
import { inclusionProof } from '../sequencer/consistency.ts'
import type { LogHead, Store, StoredEntry } from '../store/store.ts'
import { formatReceipt } from '../verify/index.ts'

/** Which event: by its id, in one tenant or in whichever has it, or by its place in a log. */
export interface ReceiptOf {
  tenant?: string
  id?: string
  log?: number
  index?: number
}

export interface ReceiptOptions {
  /** What is disclosed; all that is not erased when absent. */
  groups?: readonly Group[]
}

/**
 * The text of a `.tlog-proof`. The checkpoint it stands on is kept for good.
 * @throws AuditError `not_found` where there is no such event, or no checkpoint over it yet: publish first; `usage`
 *   where the id stands in several tenants
 */
export async function makeReceipt(
  store: Store,
  of: ReceiptOf,
  { groups = allGroups }: ReceiptOptions = {},
): Promise<string> {
  const { head, index } = await placeOf(store, of)
  const [stored] = await store.entries(head.log, index, index + 1)
  if (stored === undefined) throw notFound(`There is no event at index ${index} of this log.`)
  const checkpoint = await store.keepCheckpoint(head.log)
  if (checkpoint === undefined || checkpoint.size <= index)
    throw notFound(
      `The event at index ${index} is under no checkpoint yet.`,
      'not published yet: publish, then ask again',
    )
  return formatReceipt({
    index,
    entry: stored.entry,
    disclosures: disclosuresOf(stored, groups),
    proof: await inclusionProof(store, head.log, index, checkpoint.size),
    checkpoint: checkpoint.note,
  })
}

async function placeOf(store: Store, { tenant, id, log, index }: ReceiptOf): Promise<{ head: LogHead; index: number }> {
  if (id !== undefined) {
    const places = await store.find(id, tenant)
    const [place, another] = places.filter((found) => log === undefined || found.log === log)
    if (place === undefined) throw notFound(`There is no event ${JSON.stringify(id)}.`)
    if (another !== undefined)
      throw new AuditError('usage', `The event ${JSON.stringify(id)} stands in more than one tenant.`, {
        hint: 'name the tenant',
      })
    return { head: await headOf(store, place.log), index: place.index }
  }
  if (index === undefined) throw new AuditError('usage', 'A receipt is for an event: give its id, or tenant and index.')
  if (!Number.isSafeInteger(index) || index < 0) throw new AuditError('usage', `${index} is not the index of an event.`)
  if (log !== undefined) return { head: await headOf(store, log), index }
  const head = await store.headOf(tenant ?? 'default')
  if (head === undefined) throw notFound(`There is no tenant ${JSON.stringify(tenant ?? 'default')}.`)
  return { head, index }
}

async function headOf(store: Store, log: number): Promise<LogHead> {
  const head = (await store.heads()).find((one) => one.log === log)
  if (head === undefined) throw notFound(`There is no log ${log}.`)
  return head
}

/** A disclosure without a group is a single change: it goes with the group of changes. */
const disclosuresOf = ({ content }: StoredEntry, groups: readonly Group[]): string[] =>
  (content?.disclosures ?? []).filter((text) => groups.includes(decodeDisclosure(text).group ?? 'changes'))

const notFound = (message: string, hint?: string): AuditError =>
  new AuditError('not_found', message, hint === undefined ? {} : { hint })

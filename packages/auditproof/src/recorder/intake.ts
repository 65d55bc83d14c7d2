/** What every door begins with: a snapshot of the event, taken in the call, as the JSON text that is handed on. */
import { createHmac, randomBytes } from 'node:crypto'
import { AuditError } from '../errors.ts'
import { formatTime, takeSubmission, uuidv7, uuidv8, type EventInput, type Origin, type Stamp } from '../event/index.ts'
import { mergeContext, type AmbientContext, type AuditContext } from './context.ts'
import type { FlagCounts } from './health.ts'
import type { ProducerCount } from './producer-count.ts'

/** What a door knows about the events that come in by it. */
export interface Intake {
  origin: Origin
  ambient: AmbientContext
  defaultTenant: string | null
  tenantRequired: boolean
  producerId: string
  producerCount: ProducerCount
  flags: FlagCounts
  /** Key for ids made from texts that are none; the same text gives the same id in this store. */
  idKey: () => Uint8Array
  /** Events about the system itself may go to reserved tenants. */
  trusted: boolean
}

export interface TakenEvent {
  id: string
  tenant: string
  /** JSON text of the `TakenSubmission`. */
  text: string
}

/** @throws AuditError `tenant_required`, and what opening the key of derived ids throws */
export function takeEvent(
  intake: Intake,
  bound: AuditContext | undefined,
  action: string,
  event: EventInput,
): TakenEvent {
  const submission = takeSubmission(action, withContext(intake, bound, event), stampOf(intake))
  for (const flag of submission.origin.flags ?? []) intake.flags.add(flag)
  if (intake.tenantRequired && submission.origin.flags?.includes('no-tenant'))
    throw new AuditError(
      'tenant_required',
      `${JSON.stringify(submission.action)} names no tenant, and tenantRequired is set.`,
      {
        hint: 'pass { tenant }, or set it for the request with audit.run({ tenant }, …)',
      },
    )
  return { id: submission.id, tenant: submission.tenant, text: JSON.stringify(submission) }
}

function withContext({ ambient }: Intake, bound: AuditContext | undefined, event: EventInput): EventInput {
  const around = bound === undefined ? ambient.current : mergeContext(ambient.current, bound)
  if (around === undefined || typeof event !== 'object' || event === null) return event
  return mergeContext(around, event)
}

function stampOf({ defaultTenant, producerId, producerCount, idKey, origin, trusted }: Intake): Stamp {
  return {
    now: formatTime(Date.now())!,
    newId,
    deriveId: (text) => derivedId(idKey(), text),
    producer: (tenant) => ({ id: producerId, boot: producerCount.boot, n: producerCount.next(tenant) }),
    defaultTenant,
    origin,
    trusted,
  }
}

export const derivedId = (key: Uint8Array, text: string): string =>
  uuidv8(createHmac('sha256', key).update(text).digest())

const newId = (): string => uuidv7(Date.now(), randomPage(10))

const page = Buffer.alloc(16 * 1024)
let used = page.length

/** Random bytes by the page, as for salts. */
function randomPage(bytes: number): Uint8Array {
  if (used + bytes > page.length) {
    page.set(randomBytes(page.length))
    used = 0
  }
  used += bytes
  return page.subarray(used - bytes, used)
}

/** The door `record()`: takes a snapshot in the call, resolves when the event is durable. */
import { createHmac, randomBytes } from 'node:crypto'
import { AuditError } from '../errors.ts'
import {
  formatTime,
  takeSubmission,
  uuidv7,
  uuidv8,
  type EventInput,
  type Flag,
  type Origin,
  type Stamp,
} from '../event/index.ts'
import type { AppendOutcome } from '../store/store.ts'
import { ackOf, type Ack } from './ack.ts'
import { AmbientContext, mergeContext, type AuditContext } from './context.ts'
import type { Counters } from './health.ts'

/** Records events. Every recorder of one audit writes to the same store. */
export interface Recorder {
  /**
   * Resolves when the event is durable. Never throws into the caller: what cannot be stored rejects with a code.
   * @throws AuditError `id_conflict`, `disk_full`, `outcome_unknown`, `store_unavailable`, `store_busy`,
   *   `store_rolled_back`, `store_corrupt`, `store_rejected`, `tenant_required`, `queue_full`, `closed`
   */
  record(action: string, event?: EventInput): Promise<Ack>

  /** A recorder that knows who, where and for whom. */
  with(context: AuditContext): Recorder
}

/** What a recorder needs of the audit it belongs to. */
export interface Door {
  /** Hands over JSON text of a submission; resolves when durable. */
  submit: (tenant: string, submission: string) => Promise<AppendOutcome>
  counters: Counters
  ambient: AmbientContext
  defaultTenant: string | null
  tenantRequired: boolean
  producerId: string
  boot: string
  /** Key for ids made from texts that are none; the same text gives the same id in this store. */
  idKey: () => Uint8Array
  /** Events about the system itself may go to reserved tenants. */
  trusted: boolean
}

export class DurableRecorder implements Recorder {
  readonly #door: Door
  readonly #context: AuditContext | undefined

  constructor(door: Door, context?: AuditContext) {
    this.#door = door
    this.#context = context
  }

  with(context: AuditContext): Recorder {
    return new DurableRecorder(this.#door, mergeContext(this.#context, context))
  }

  record(action: string, event: EventInput = {}): Promise<Ack> {
    const { counters } = this.#door
    counters.offered += 1
    try {
      const submission = takeSubmission(action, this.#withContext(event), this.#stamp())
      for (const flag of submission.origin.flags ?? [])
        counters.flags[flag as Flag] = (counters.flags[flag as Flag] ?? 0) + 1
      if (this.#door.tenantRequired && submission.origin.flags?.includes('no-tenant')) {
        counters.rejected += 1
        return Promise.reject(
          new AuditError(
            'tenant_required',
            `${JSON.stringify(submission.action)} names no tenant, and tenantRequired is set.`,
            {
              hint: 'pass { tenant }, or set it for the request with audit.run({ tenant }, …)',
            },
          ),
        )
      }
      const { id, tenant } = submission
      return this.#door.submit(tenant, JSON.stringify(submission)).then(
        (outcome) => this.#settle(id, outcome),
        (error: unknown) => {
          counters.rejected += 1
          throw error
        },
      )
    } catch (error) {
      counters.rejected += 1
      return Promise.reject(error)
    }
  }

  #settle(id: string, outcome: AppendOutcome): Ack {
    const { counters } = this.#door
    if (outcome.state === 'stored') {
      counters.stored += 1
      return ackOf(id, outcome)
    }
    counters.rejected += 1
    const hint =
      outcome.code === 'id_conflict' ? 'use a new id for a new event; the attempt itself was recorded' : undefined
    throw new AuditError(outcome.code, outcome.message, hint === undefined ? {} : { hint })
  }

  #withContext(event: EventInput): EventInput {
    const ambient = this.#door.ambient.current
    const bound = this.#context
    const around = ambient === undefined ? bound : bound === undefined ? ambient : mergeContext(ambient, bound)
    if (around === undefined || typeof event !== 'object' || event === null) return event
    return mergeContext(around, event)
  }

  #stamp(): Stamp {
    const { defaultTenant, producerId, boot, counters, idKey, trusted } = this.#door
    return {
      now: formatTime(Date.now())!,
      newId,
      deriveId: (text) => uuidv8(createHmac('sha256', idKey()).update(text).digest()),
      producer: (tenant) => ({ id: producerId, boot, n: counters.next(tenant) }),
      defaultTenant,
      origin: direct,
      trusted,
    }
  }
}

const direct: Origin = { kind: 'direct' }

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

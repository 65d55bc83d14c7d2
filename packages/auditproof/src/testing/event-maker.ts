/** Events as a door would hand them over. */
import { takeSubmission, type EventInput, type TakenSubmission } from '../event/index.ts'
import type { TestSources } from './test-sources.ts'

export class EventMaker {
  readonly #sources: TestSources
  #made = 0

  constructor(sources: TestSources) {
    this.#sources = sources
  }

  /** An event in which every group has something to say. Ids count; the tenant is `acme`. */
  make(input: EventInput & { action?: string } = {}): TakenSubmission {
    const n = this.#made++
    const { action = 'case.update', ...given } = input
    const event: EventInput = {
      tenant: 'acme',
      actor: { type: 'user', id: `u_${n % 7}`, name: `Mara Lind ${n % 7}` },
      target: { type: 'case', id: `c_${n}`, name: `Müller ./. Kranz ${n}` },
      context: { ip: '192.0.2.7', requestId: `req-${n}` },
      changes: [{ path: '/status', op: 'replace', old: 'open', new: n }],
      details: { n },
      ...given,
    }
    return takeSubmission(action, event, {
      now: this.#sources.now(),
      newId: () => `event-${n}`,
      deriveId: () => `derived-${n}`,
      producer: () => ({ id: 'suite', boot: '0123456789abcdef', n }),
      defaultTenant: 'default',
      origin: { kind: 'direct' },
      trusted: true,
    })
  }

  /** As little as an event can hold. */
  makeSmall(tenant: string = 'acme'): TakenSubmission {
    const n = this.#made++
    return {
      id: `small-${n}`,
      tenant,
      occurredAt: this.#sources.now(),
      timed: false,
      action: 'a',
      outcome: 'success',
      severity: 'info',
      actor: { type: 'system' },
      targets: [],
      producer: { id: 'suite', boot: 'b', n },
      origin: { kind: 'direct' },
    }
  }

  makeMany(count: number, input: EventInput & { action?: string } = {}): TakenSubmission[] {
    return Array.from({ length: count }, () => this.make(input))
  }
}

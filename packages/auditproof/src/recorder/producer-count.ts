/** Numbers the events of one door in one process, tenant by tenant, so that a missing one shows. */
export class ProducerCount {
  /** Which door of which process counts, in clear and for ever. */
  readonly boot: string
  readonly #next = new Map<string, number>()

  constructor(boot: string) {
    this.boot = boot
  }

  /** The count for a tenant, from 0. */
  next(tenant: string): number {
    const n = this.#next.get(tenant) ?? 0
    this.#next.set(tenant, n + 1)
    return n
  }
}

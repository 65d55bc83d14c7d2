/** Stores to verify: events by the shared maker, signed by a key in memory. */
import { formatErased, type ErasedContent } from '../../src/event/index.ts'
import { formatVkey, vkeyFor } from '../../src/log/index.ts'
import { memoryStore } from '../../src/store/memory/index.ts'
import type { Store } from '../../src/store/store.ts'
import { EventMaker, TestSigner, TestSources } from '../../src/testing/index.ts'

export class Bench {
  readonly sources = new TestSources()
  readonly events = new EventMaker(this.sources)
  readonly signer = new TestSigner()
  readonly store: Store = memoryStore({ name: 'verify.example', sources: this.sources })
  /** The key of the store, to be pinned. */
  readonly key: string = formatVkey(vkeyFor('verify.example', this.signer.publicKey))

  keyOf(name: string): string {
    return formatVkey(vkeyFor(name, this.signer.publicKey))
  }

  async append(count: number, tenant: string = 'acme'): Promise<void> {
    for (let left = count; left > 0; left -= 500) {
      this.sources.ms += 7
      await this.store.append(
        this.events.makeMany(Math.min(left, 500), { tenant }).map((event) => JSON.stringify(event)),
      )
    }
  }

  async erase(items: readonly ErasedContent[], tenant: string = 'acme'): Promise<void> {
    const submission = JSON.stringify(this.events.make({ tenant, action: 'audit.erase', details: formatErased(items) }))
    await this.store.eraseContent({ tenant, items, submission })
  }

  async publish(meta: boolean = true): Promise<void> {
    await this.signer.publishAll(this.store)
    while ((await this.store.buildIndex()) > 0);
    if (!meta) return
    await this.store.appendMeta(1000)
    await this.signer.publishAll(this.store)
  }
}

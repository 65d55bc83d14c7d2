/** The meta log against the others: its entries are their checkpoints, signed, each larger than the one before. */
import { metaTenant } from '../event/index.ts'
import type { LogHead } from '../store/store.ts'
import { openSignedNote, type Commitment, type Findings, type MetaNote, type PinnedKey } from '../verify/index.ts'
import type { CheckedLog } from './checked-store.ts'

/** Signatures are verified side by side: WebCrypto has threads of its own. */
const signaturesAtOnce = 64

export class MetaNotes {
  readonly #heads: ReadonlyMap<string, LogHead>
  readonly #commitments = new Map<string, Commitment[]>()
  /** By origin, the smallest index in the meta log. */
  readonly #firstIndex = new Map<string, number>()
  count = 0

  constructor(heads: readonly LogHead[]) {
    this.#heads = new Map(heads.map((head) => [head.origin, head]))
  }

  commitmentsOf(origin: string): readonly Commitment[] {
    return this.#commitments.get(origin) ?? []
  }

  /** Whether a checkpoint of this log lies in the meta log before that index. */
  holds(origin: string, before: number): boolean {
    return (this.#firstIndex.get(origin) ?? Number.POSITIVE_INFINITY) < before
  }

  /** @param findings of the meta log */
  async add(notes: readonly MetaNote[], findings: Findings, key: PinnedKey | undefined): Promise<void> {
    this.count += notes.length
    for (let at = 0; at < notes.length; at += signaturesAtOnce) {
      const some = notes.slice(at, at + signaturesAtOnce)
      const opened = await Promise.all(some.map(({ note, origin }) => openSignedNote(note, origin, key)))
      for (const [i, one] of opened.entries())
        if (one.state === 'bad')
          findings.at(some[i]!.index, 'meta log', `the checkpoint of ${some[i]!.origin}: ${one.reason}`)
        else this.#addOne(some[i]!, findings)
    }
  }

  #addOne({ index, origin, size, root }: MetaNote, findings: Findings): void {
    const head = this.#heads.get(origin)
    if (head === undefined || head.tenant === metaTenant)
      return findings.seenAt(index, 'meta log', `it holds a checkpoint of ${origin}, and there is no such tenant's log`)
    const known = this.#commitments.get(origin) ?? []
    if (size <= (known.at(-1)?.size ?? 0))
      return findings.seenAt(
        index,
        'meta log',
        `the checkpoint of ${origin} over ${size} entries is no larger than the one before`,
      )
    known.push({ size, root, check: 'meta log', by: `the checkpoint at index ${index} of the meta log` })
    this.#commitments.set(origin, known)
    if (!this.#firstIndex.has(origin)) this.#firstIndex.set(origin, index)
  }

  /** What the head of each log says of the meta log. */
  finish(logs: ReadonlyMap<number, CheckedLog>): void {
    for (const { head, check } of logs.values()) {
      if (head.tenant === metaTenant) {
        if (head.metaSize !== 0) check.findings.add('heads', 'the meta log is said to be in itself')
        continue
      }
      const held = this.commitmentsOf(head.origin).at(-1)?.size ?? 0
      if (head.metaSize !== held)
        check.findings.add(
          'meta log',
          `its head says that the meta log has its checkpoint over ${head.metaSize} entries; the newest there covers ${held}`,
        )
      if (held > (head.published?.size ?? 0))
        check.findings.add(
          'meta log',
          `the meta log has its checkpoint over ${held} entries; the newest of its own covers ${head.published?.size ?? 0}`,
        )
    }
  }
}

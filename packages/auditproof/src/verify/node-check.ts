/** One node above the leaves: for each key it says which of the nodes below have it. */
import { compareKeys } from '../event/index.ts'
import { KeyDigest, keyPiece } from './key-digest.ts'
import type { PostingRow } from './rows.ts'

export class NodeCheck {
  readonly #children: KeyDigest[]
  readonly #own = new KeyDigest()
  #lastKey = ''
  #wrong: string | undefined

  constructor(nodeWidth: number) {
    this.#children = Array.from({ length: nodeWidth }, () => new KeyDigest())
  }

  /** What is stored, in the order of keys. @returns false where it stands in no such order */
  addRows(rows: readonly PostingRow[]): boolean {
    for (const { key, members } of rows) {
      if (compareKeys(this.#lastKey, key) >= 0) {
        this.#wrong = 'it has a key that is none'
        return false
      }
      this.#lastKey = key
      const piece = keyPiece(key)
      this.#own.addPiece(piece)
      for (const member of members) this.#children[member]?.addPiece(piece)
      if (members.length === 0) this.#wrong ??= 'it has a key of no node below'
    }
    return true
  }

  /**
   * @param children one hash for the keys of each node below
   * @returns which of them have other keys than it says, what else is wrong, and one hash for its own keys
   */
  finish(children: readonly string[]): { differing: number[]; wrong: string | undefined; digest: string } {
    const said = this.#children.map((child) => child.finish())
    const differing = children.flatMap((digest, i) => (said[i] === digest ? [] : [i]))
    return { differing, wrong: this.#wrong, digest: this.#own.finish() }
  }
}

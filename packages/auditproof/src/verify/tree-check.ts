/**
 * The tree of a log, computed again from its entries, against every copy of it: tiles, their roots, and the roots
 * that somebody committed to at some size.
 */
import { appendAllToEdge, emptyEdge, encodeBase64, hashBytes, rootOf, sameHash, tileWidthMax } from '../log/index.ts'
import type { Edge, Hash } from '../log/index.ts'
import type { CheckName, Findings } from './findings.ts'
import type { TileRow } from './rows.ts'

/** A root that a log is held to. */
export interface Commitment {
  readonly size: number
  readonly root: Hash
  readonly check: CheckName
  /** Who says so, in words: "the published checkpoint". */
  readonly by: string
}

interface FullTile {
  hashes: Uint8Array
  root: Hash
}

export class TreeCheck {
  readonly #findings: Findings
  /** Smallest first; those before `#next` have been compared. */
  readonly #commitments: readonly Commitment[]
  #next = 0
  readonly #rememberedSize: number
  #remembered: Hash | undefined
  #edge: Edge = emptyEdge
  /** By level of tiles, the hashes of the tile that is not full yet. */
  readonly #partial: Hash[][] = []
  /** Stored tiles over the leaves, until those leaves come. */
  readonly #stored = new Map<number, TileRow>()
  /** Full tiles above them, until the stored ones come: one hash in 256. */
  readonly #upper = new Map<string, FullTile>()
  #tilesChecked = 0
  /** Up to here every commitment was met. */
  #goodSize = 0

  /** @param rememberedSize the size at which the root is wanted afterwards */
  constructor(commitments: readonly Commitment[], rememberedSize: number, findings: Findings) {
    this.#findings = findings
    this.#commitments = commitments.toSorted((a, b) => a.size - b.size)
    this.#rememberedSize = rememberedSize
    this.#compareCommitments()
  }

  get size(): number {
    return this.#edge.size
  }

  get root(): Hash {
    return rootOf(this.#edge)
  }

  /** The root at the remembered size; undefined where the log is smaller. */
  get remembered(): Hash | undefined {
    return this.#remembered
  }

  get tilesChecked(): number {
    return this.#tilesChecked
  }

  get goodSize(): number {
    return this.#goodSize
  }

  /** Stored tiles of level 0, before the leaves under them. */
  expectTile(tile: TileRow): void {
    this.#stored.set(tile.n, tile)
  }

  append(leafHashes: readonly Hash[]): void {
    for (let at = 0; at < leafHashes.length;) {
      const stop = Math.min(this.#commitments[this.#next]?.size ?? Number.POSITIVE_INFINITY, this.#nextRemembered())
      const end = Math.min(leafHashes.length, at + stop - this.size)
      this.#appendAll(leafHashes.slice(at, end))
      this.#compareCommitments()
      at = end
    }
  }

  /** A stored tile that is no full tile over leaves, after all leaves. False: the tree has no such full tile. */
  checkUpperTile(tile: TileRow): boolean {
    const name = `${tile.level}/${tile.n}`
    const derived = this.#upper.get(name)
    if (derived === undefined) return false
    this.#upper.delete(name)
    this.#compare(tile, derived)
    return true
  }

  /**
   * After all leaves and tiles: what is missing, and what was promised beyond the end.
   * @param sizeNow of a log that is being written to; up to there a promise may be kept by entries not looked at
   */
  finish(sizeNow: number): void {
    for (const name of this.#upper.keys()) this.#findings.add('tiles', `tile ${name} is missing`)
    for (const { size, check, by } of this.#commitments.slice(this.#next))
      if (size > sizeNow)
        this.#findings.add(check, `${by} covers ${size} entries, the log has ${this.size}`, [
          this.#goodSize,
          this.size + 1,
        ])
  }

  #nextRemembered(): number {
    return this.size < this.#rememberedSize ? this.#rememberedSize : Number.POSITIVE_INFINITY
  }

  #appendAll(leafHashes: readonly Hash[]): void {
    const leaves = (this.#partial[0] ??= [])
    function* oneByOne(): Generator<Hash> {
      for (const hash of leafHashes) {
        leaves.push(hash)
        yield hash
      }
    }
    // A node of every eighth level is the root of a tile, seen in the moment its last leaf goes in.
    this.#edge = appendAllToEdge(this.#edge, oneByOne(), (nodeLevel, n, root) => {
      if (nodeLevel % 8 === 0) this.#tileIsFull(nodeLevel / 8 - 1, n, root)
    })
  }

  #tileIsFull(level: number, n: number, root: Hash): void {
    const hashes = this.#partial[level]!
    const derived = { hashes: joinHashes(hashes), root }
    hashes.length = 0
    ;(this.#partial[level + 1] ??= []).push(root)
    if (level > 0) {
      this.#upper.set(`${level}/${n}`, derived)
      return
    }
    const stored = this.#stored.get(n)
    this.#stored.delete(n)
    if (stored === undefined) this.#findings.add('tiles', `tile 0/${n} is missing`, leavesOf(0, n))
    else this.#compare(stored, derived)
  }

  #compare({ level, n, hashes, root }: TileRow, derived: FullTile): void {
    this.#tilesChecked += 1
    if (!sameHash(hashes, derived.hashes)) {
      const offset = firstDifference(hashes, derived.hashes)
      const leaves = leavesOf(level - 1, n * tileWidthMax + offset)
      this.#findings.add('tiles', `tile ${level}/${n}: hash ${offset} is not the one that the entries give`, leaves)
    }
    if (!sameHash(root, derived.root))
      this.#findings.add(
        'tiles',
        `tile ${level}/${n}: its root is not the one that the entries give`,
        leavesOf(level, n),
      )
  }

  #compareCommitments(): void {
    if (this.size === this.#rememberedSize) this.#remembered = this.root
    const first = this.#next
    let broken = false
    for (; this.#commitments[this.#next]?.size === this.size; this.#next++) {
      const { size, root, check, by } = this.#commitments[this.#next]!
      const derived = this.root
      if (sameHash(root, derived)) continue
      broken = true
      const what = `${by} over ${size} entries has the root ${encodeBase64(root)}, the entries give ${encodeBase64(derived)}`
      this.#findings.add(check, what, [Math.min(this.#goodSize, Math.max(0, size - 1)), Math.max(size, 1)])
    }
    if (this.#next > first && !broken) this.#goodSize = this.size
  }
}

/** The leaves under the hash `n` of a level of tiles: [n * 256^(level + 1), …). Level -1 is the leaves themselves. */
const leavesOf = (level: number, n: number): [number, number] => {
  const width = tileWidthMax ** (level + 1)
  return [n * width, (n + 1) * width]
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a[at] === b[at]) at++
  return Math.min(Math.floor(at / hashBytes), tileWidthMax - 1)
}

function joinHashes(hashes: readonly Hash[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * hashBytes)
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * hashBytes)
  return bytes
}

/**
 * Which entries of a leaf of the search index have a key, as text that a batch is appended to: two characters an offset
 * (base 64), and for three or more side by side `.`, the first and the last. In order, none twice.
 */
import { assert } from '../errors.ts'

/** Indexes of one leaf of the search index. */
export const leafWidth = 4096
/** Nodes of one node above. */
export const nodeWidth = 32

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~'
const valueOf: number[] = []
for (let i = 0; i < 64; i++) valueOf[alphabet.charCodeAt(i)] = i

const pair = Array.from({ length: leafWidth }, (_, offset) => alphabet[offset >> 6]! + alphabet[offset & 63]!)

/** @param offsets in order, none twice */
export function encodeOffsets(offsets: readonly number[]): string {
  if (offsets.length === 1) return pair[offsets[0]!]!
  let text = ''
  for (let i = 0; i < offsets.length;) {
    const first = offsets[i]!
    let j = i + 1
    while (offsets[j] === first + j - i) j++
    if (j - i >= 3) text += `.${pair[first]}${pair[offsets[j - 1]!]}`
    else for (let k = i; k < j; k++) text += pair[offsets[k]!]!
    i = j
  }
  return text
}

/**
 * The same, in the parts that an appending needs to make one run of what was stored and what comes: where the stored text
 * ends with the offset before the first, that run goes on to `lastOfRun`, and `rest` follows.
 */
export function encodeForAppending(offsets: readonly number[]): OffsetsToAppend {
  const [first = 0] = offsets
  let runs = 1
  while (offsets[runs] === first + runs) runs++
  return {
    text: encodeOffsets(offsets),
    beforeFirst: first > 0 ? pair[first - 1]! : '',
    twoBeforeFirst: first > 1 ? pair[first - 2]! : '',
    lastOfRun: pair[first + runs - 1]!,
    rest: encodeOffsets(offsets.slice(runs)),
  }
}

export interface OffsetsToAppend {
  text: string
  /** '' where there is none. */
  beforeFirst: string
  twoBeforeFirst: string
  lastOfRun: string
  rest: string
}

export function decodeOffsets(text: string): number[] {
  const offsets: number[] = []
  eachRun(text, (first, last) => {
    for (let offset = first; offset <= last; offset++) offsets.push(offset)
  })
  return offsets
}

/** Some entries of a leaf. */
export class OffsetSet {
  readonly #words: Uint32Array

  constructor(words: Uint32Array = new Uint32Array(leafWidth / 32)) {
    this.#words = words
  }

  /** The first so many entries. */
  static first(count: number): OffsetSet {
    const set = new OffsetSet()
    if (count > 0) set.#addRun(0, count - 1)
    return set
  }

  addText(text: string): this {
    eachRun(text, (first, last) => this.#addRun(first, last))
    return this
  }

  add(offset: number): void {
    this.#words[offset >> 5]! |= 1 << (offset & 31)
  }

  has(offset: number): boolean {
    return (this.#words[offset >> 5]! & (1 << (offset & 31))) !== 0
  }

  keep(other: OffsetSet): this {
    for (let i = 0; i < this.#words.length; i++) this.#words[i]! &= other.#words[i]!
    return this
  }

  remove(other: OffsetSet): this {
    for (let i = 0; i < this.#words.length; i++) this.#words[i]! &= ~other.#words[i]!
    return this
  }

  get isEmpty(): boolean {
    return this.#words.every((word) => word === 0)
  }

  get size(): number {
    let count = 0
    for (const word of this.#words) count += ones(word)
    return count
  }

  /** How many are in both. */
  common(other: OffsetSet): number {
    let count = 0
    for (let i = 0; i < this.#words.length; i++) count += ones(this.#words[i]! & other.#words[i]!)
    return count
  }

  offsets(): number[] {
    const offsets: number[] = []
    for (let i = 0; i < this.#words.length; i++)
      for (let word = this.#words[i]!; word !== 0; word &= word - 1)
        offsets.push(i * 32 + 31 - Math.clz32(word & -word))
    return offsets
  }

  #addRun(first: number, last: number): void {
    for (let offset = first; offset <= last;) {
      if ((offset & 31) === 0 && last - offset >= 31) {
        this.#words[offset >> 5] = 0xffff_ffff
        offset += 32
      } else {
        this.#words[offset >> 5]! |= 1 << (offset & 31)
        offset += 1
      }
    }
  }
}

function eachRun(text: string, run: (first: number, last: number) => void): void {
  for (let i = 0; i < text.length;) {
    const isRun = text.charCodeAt(i) === 0x2e
    if (isRun) i += 1
    const first = offsetAt(text, i)
    const last = isRun ? offsetAt(text, i + 2) : first
    run(first, last)
    i += isRun ? 4 : 2
  }
}

function offsetAt(text: string, i: number): number {
  const [high, low] = [valueOf[text.charCodeAt(i)], valueOf[text.charCodeAt(i + 1)]]
  assert(high !== undefined && low !== undefined, `no offset at ${i} of a posting`)
  return high * 64 + low
}

function ones(word: number): number {
  let count = word - ((word >>> 1) & 0x5555_5555)
  count = (count & 0x3333_3333) + ((count >>> 2) & 0x3333_3333)
  return Math.imul((count + (count >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

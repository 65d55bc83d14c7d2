/**
 * Which ids occur twice in a log of any length: fingerprints of 53 bits in open addressing, 16 to 32 bytes an id. Two
 * ids may share a fingerprint, and whoever chooses ids may try for it, so what is found is looked at again.
 */
export class IdSet {
  #fingerprints = new Float64Array(1024)
  #indexes = new Float64Array(1024)
  #size = 0
  /** Pairs of indexes whose ids may be the same. */
  readonly suspects: { first: number; second: number }[] = []

  add(id: string, index: number): void {
    const fingerprint = fingerprintOf(id)
    const slot = this.#slotOf(fingerprint)
    if (this.#fingerprints[slot] !== 0) {
      if (this.suspects.length < suspectsMax) this.suspects.push({ first: this.#indexes[slot]!, second: index })
      return
    }
    this.#fingerprints[slot] = fingerprint
    this.#indexes[slot] = index
    this.#size += 1
    if (this.#size * 2 > this.#fingerprints.length) this.#grow()
  }

  #slotOf(fingerprint: number): number {
    const mask = this.#fingerprints.length - 1
    let slot = fingerprint & mask
    while (this.#fingerprints[slot] !== 0 && this.#fingerprints[slot] !== fingerprint) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const [fingerprints, indexes] = [this.#fingerprints, this.#indexes]
    this.#fingerprints = new Float64Array(fingerprints.length * 2)
    this.#indexes = new Float64Array(indexes.length * 2)
    for (const [i, fingerprint] of fingerprints.entries()) {
      if (fingerprint === 0) continue
      const slot = this.#slotOf(fingerprint)
      this.#fingerprints[slot] = fingerprint
      this.#indexes[slot] = indexes[i]!
    }
  }
}

const suspectsMax = 1000

/** Two runs of FNV-1a with different primes; never 0. */
function fingerprintOf(id: string): number {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13)
  }
  return (a >>> 0) * 0x200000 + (b >>> 11 || 1)
}

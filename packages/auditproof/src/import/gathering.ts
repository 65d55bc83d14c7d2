/** Bytes of one line as they arrive in parts, held up to a limit; beyond it only their number is kept. */
export class Gathering {
  #parts: Uint8Array[] = []
  #length = 0
  readonly #bytesMax: number

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  add(part: Uint8Array): void {
    if (part.length === 0) return
    this.#length += part.length
    if (this.#length <= this.#bytesMax) this.#parts.push(part)
    else this.#parts = []
  }

  /** What was gathered, and an empty start for the next line. */
  take(): { bytes: Uint8Array } | { tooLong: number } {
    const parts = this.#parts
    const length = this.#length
    this.#parts = []
    this.#length = 0
    if (length > this.#bytesMax) return { tooLong: length }
    return { bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts, length) }
  }
}

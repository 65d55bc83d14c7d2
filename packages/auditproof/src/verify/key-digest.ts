/** One hash for a list of keys, so that two lists of any length are compared without keeping either. */
import { sha256Base64url } from '#sha256'

export class KeyDigest {
  #hash = ''
  #text = ''

  /** In the order of keys. */
  add(key: string): void {
    this.addPiece(keyPiece(key))
  }

  /** What `keyPiece` made, where one key goes to several lists. */
  addPiece(piece: string): void {
    this.#text += piece
    if (this.#text.length >= unitsPerHash) this.#flush()
  }

  /** Of all that was added; nothing may be added afterwards. */
  finish(): string {
    this.#flush()
    return this.#hash
  }

  #flush(): void {
    this.#hash = sha256Base64url(this.#hash + this.#text)
    this.#text = ''
  }
}

/** With its length, so that no two lists give one text. */
export const keyPiece = (key: string): string => `${key.length}:${key}`

const unitsPerHash = 16_384

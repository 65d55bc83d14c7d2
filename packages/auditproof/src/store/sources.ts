/** Time and randomness as a store takes them when nobody gives others. */
import { randomBytes, randomFillSync } from 'node:crypto'
import { formatTime, uuidv7 } from '../event/index.ts'
import type { Sources } from './append-plan.ts'

/** Random base64url by the page: cutting salts out of it costs a sixth of encoding each of its own. */
const page = Buffer.alloc(12 * 1024)
let text = ''
let used = 0

/** Sixteen random bytes as base64url: 21 characters of 6 bits, and one of 2, whose other 4 bits are zero. */
export function newSalt(): string {
  if (used + 22 > text.length) {
    text = randomFillSync(page).toString('base64url')
    used = 0
  }
  const salt = text.slice(used, used + 21) + lastOfSalt[text.charCodeAt(used + 21)]!
  used += 22
  return salt
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** By character code: the character with the same two high bits and zeros below. */
const lastOfSalt: string[] = []
for (let sextet = 0; sextet < 64; sextet++) lastOfSalt[alphabet.charCodeAt(sextet)] = alphabet[sextet & 0b110000]!

export const systemSources: Sources = {
  now: () => formatTime(Date.now())!,
  newSalt,
  newId: () => uuidv7(Date.now(), randomBytes(10)),
}

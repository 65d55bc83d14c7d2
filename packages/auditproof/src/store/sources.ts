/** Time and randomness as a store takes them when nobody gives others. */
import { randomBytes, randomFillSync } from 'node:crypto'
import { formatTime, uuidv7 } from '../event/index.ts'
import type { Sources } from './append-plan.ts'

/** Random bytes by the page: one call for 1,024 salts costs a thirtieth of a call each. */
const pool = Buffer.alloc(16 * 1024)
let used = pool.length

export function newSalt(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const salt = pool.toString('base64url', used, used + 16)
  pool.fill(0, used, used + 16) // a salt that stays in memory could outlive its erasure
  used += 16
  return salt
}

export const systemSources: Sources = {
  now: () => formatTime(Date.now())!,
  newSalt,
  newId: () => uuidv7(Date.now(), randomBytes(10)),
}

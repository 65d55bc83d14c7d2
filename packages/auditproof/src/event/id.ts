/** Event ids: RFC 9562 UUIDs, version 7 for what happens now, version 8 for what is derived from a key. */

/** @param ms milliseconds since 1970 @param random ten random bytes */
export function uuidv7(ms: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16)
  bytes[0] = ms / 2 ** 40
  bytes[1] = ms / 2 ** 32
  bytes[2] = ms / 2 ** 24
  bytes[3] = ms / 2 ** 16
  bytes[4] = ms / 2 ** 8
  bytes[5] = ms
  bytes.set(random.subarray(0, 10), 6)
  return formatUuid(bytes, 7)
}

/** @param digest at least sixteen bytes, of which 122 bits are used */
export const uuidv8 = (digest: Uint8Array): string => formatUuid(digest.slice(0, 16), 8)

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function formatUuid(b: Uint8Array, version: number): string {
  b[6] = (b[6]! & 0x0f) | (version << 4)
  b[8] = (b[8]! & 0x3f) | 0x80
  return (
    `${hex[b[0]!]}${hex[b[1]!]}${hex[b[2]!]}${hex[b[3]!]}-${hex[b[4]!]}${hex[b[5]!]}-${hex[b[6]]}${hex[b[7]!]}-` +
    `${hex[b[8]]}${hex[b[9]!]}-${hex[b[10]!]}${hex[b[11]!]}${hex[b[12]!]}${hex[b[13]!]}${hex[b[14]!]}${hex[b[15]!]}`
  )
}

/** IP addresses and networks, read strictly: IPv4 in four decimal numbers, IPv6 as in RFC 4291 §2.2, CIDR lengths. */

export interface Network {
  /** 4 or 16 bytes, in network order; those behind `bits` may be anything. */
  readonly bytes: Uint8Array
  /** How many of the first bits count. */
  readonly bits: number
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address; undefined where it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const bytes = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (bytes === undefined) return undefined
  const length = slash === -1 ? String(bytes.length * 8) : text.slice(slash + 1)
  const bits = Number(length)
  return /^(?:0|[1-9]\d{0,2})$/.test(length) && bits <= bytes.length * 8 ? { bytes, bits } : undefined
}

/** Bytes in network order: 4 of IPv4, 16 of IPv6; undefined where it is neither. */
export const parseAddress = (text: string): Uint8Array | undefined =>
  text.includes(':') ? parseIpv6(text) : parseIpv4(text)

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.', 5)
  // No leading zeros: some read them as octal.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined
  return Uint8Array.from(parts, Number)
}

/** IPv4 inside IPv6 (RFC 4291 §2.5.5.2) as IPv4: of `::ffff:10.0.0.0/104` that is `10.0.0.0/8`. */
export function unmapNetwork({ bytes, bits }: Network): Network {
  const isMapped = bits >= 96 && bytes.length === 16 && bytes.every((byte, i) => i > 11 || byte === (i < 10 ? 0 : 0xff))
  return isMapped ? { bytes: bytes.subarray(12), bits: bits - 96 } : { bytes, bits }
}

const addressUnitsMax = 45 // eight groups of which the last two are an IPv4 address

function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > addressUnitsMax) return undefined
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const first = groupsOf(head, tail === undefined)
  const last = tail === undefined ? [] : groupsOf(tail, true)
  if (first === undefined || last === undefined) return undefined
  const left = 16 - first.length - last.length
  if (tail === undefined ? left !== 0 : left < 2) return undefined
  return Uint8Array.from([...first, ...Array.from({ length: left }, () => 0), ...last])
}

/** Bytes of groups between colons. @param ends whether an IPv4 address may be the last */
function groupsOf(text: string, ends: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [i, group] of groups.entries()) {
    const ipv4 = ends && i === groups.length - 1 ? parseIpv4(group) : undefined
    if (ipv4 === undefined && !/^[0-9a-f]{1,4}$/i.test(group)) return undefined
    const value = Number.parseInt(group, 16)
    bytes.push(...(ipv4 ?? [value >> 8, value & 0xff]))
  }
  return bytes
}

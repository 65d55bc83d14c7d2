/** `ip:`: an address, a network, the beginning of either kind of name. */
import { AuditError } from '../errors.ts'
import { addressKey, foldText, keyText, parseNetwork, searchKinds, unmapNetwork } from '../event/index.ts'
import type { KeyMatch } from '../store/search.ts'

const kind = searchKinds.ip

/** @throws AuditError `usage` for the beginning of an address that is no network */
export const addressMatch = (value: string, prefix: boolean): KeyMatch =>
  prefix ? beginningMatch(value) : networkMatch(value)

/** `10.0.*` is a network of whole bytes; what cannot begin an address, such as `cafe*`, begins a host name. */
function beginningMatch(value: string): KeyMatch {
  if (value === '') return { prefix: kind }
  const octets = /^(?:\d{1,3}\.){1,3}$/.test(value) ? value.slice(0, -1).split('.').map(Number) : undefined
  if (octets?.every((octet) => octet <= 255)) return { prefix: `${kind}4${octets.map(hexByte).join('')}` }
  if (/^[\d.]*$|^[\da-f]*:[\da-f:.]*$/i.test(value))
    throw new AuditError('usage', `ip:${value}* ends within a number of an address.`, {
      hint: 'write a network: ip:10.0.0.0/8, ip:2001:db8::/32',
    })
  return { prefix: `${kind}t${keyText(foldText(value))}` }
}

function networkMatch(value: string): KeyMatch {
  const network = value.includes('/') ? parseNetwork(value) : undefined
  if (network === undefined) return { key: kind + keyText(addressKey(value)) }
  // Addresses of IPv4 stand in the index as such, also where they were written inside IPv6.
  const { bytes, bits } = unmapNetwork(network)
  const version = bytes.length === 4 ? '4' : '6'
  const bound = (fill: number): string =>
    kind + version + Array.from(bytes, (byte, i) => hexByte(filled(byte, bits - 8 * i, fill))).join('')
  return { from: bound(0), to: bound(0xff) }
}

/** A byte of which the first so many bits are kept. */
function filled(byte: number, bits: number, fill: number): number {
  const kept = bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff
  return (byte & kept) | (fill & ~kept & 0xff)
}

const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0')

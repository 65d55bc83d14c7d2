/** Host and database of an address, as they may be shown: it may hold a password, also among its parameters. */
export function placeOfAddress(address: string): string {
  try {
    const { protocol, host, pathname } = new URL(address)
    return `${protocol}//${host}${pathname}`
  } catch {
    return 'PostgreSQL'
  }
}

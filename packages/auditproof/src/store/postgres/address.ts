/** What an address says. */

/** Host and database of it, as they may be shown: it may hold a password, also among its parameters. */
export function placeOfAddress(address: string): string {
  try {
    const { protocol, host, pathname } = new URL(address)
    return `${protocol}//${host}${pathname}`
  } catch {
    return 'PostgreSQL'
  }
}

/** `?pgbouncer=true`, as elsewhere: each transaction may come to another connection of the server. */
export function isPooled(address: string): boolean {
  try {
    return new URL(address).searchParams.get('pgbouncer') === 'true'
  } catch {
    return false // what pg takes besides: a path of a socket
  }
}

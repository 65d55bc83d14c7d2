/**
 * Who may come in: the holder of the admin key, as a bearer key on the API, or, after giving it once, as a browser with
 * a session cookie. And from where: a page elsewhere on the web must not speak through the user's browser.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { httpLimits } from './limits.ts'
import { HttpProblem } from './problem.ts'

const cookieName = 'auditproof_session'

/** Who is there: a program with the key, or a person in a browser, for a while. */
export type Visitor = { readonly kind: 'key' } | Session

export interface Session {
  readonly kind: 'session'
  readonly id: string
  /** When it ends, milliseconds since 1970. */
  readonly until: number
}

export interface Keys {
  admin: string
  /** Logs in one browser, once, within `oneTimeKeyMs`. */
  oneTime?: string | undefined
}

export class Access {
  // Keys are compared by what this secret makes of them: the time it takes tells nothing about the key.
  readonly #secret = randomBytes(32)
  readonly #key: Uint8Array
  #oneTimeKey: { mac: Uint8Array; until: number } | undefined
  /** Sessions that were ended, until they would have ended by themselves. */
  readonly #ended = new Map<string, number>()

  constructor({ admin, oneTime }: Keys, now: number) {
    this.#key = this.#mac('key', admin)
    if (oneTime !== undefined)
      this.#oneTimeKey = { mac: this.#mac('one time', oneTime), until: now + httpLimits.oneTimeKeyMs }
  }

  isKey(given: string): boolean {
    return timingSafeEqual(this.#mac('key', given), this.#key)
  }

  /** True once. */
  takeOneTimeKey(given: string, now: number): boolean {
    const key = this.#oneTimeKey
    if (key === undefined || now >= key.until || !timingSafeEqual(this.#mac('one time', given), key.mac)) return false
    this.#oneTimeKey = undefined
    return true
  }

  hasBearer(request: Request): boolean {
    const given = /^Bearer ([^\s]{1,256})$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    return given !== undefined && this.isKey(given)
  }

  sessionOf(request: Request, now: number): Session | undefined {
    for (const cookie of (request.headers.get('cookie') ?? '').split(/; */)) {
      const [, until, id, mac] = sessionCookiePattern.exec(cookie) ?? []
      if (mac === undefined || !timingSafeEqual(Buffer.from(mac, 'hex'), this.#mac('session', `${until}.${id}`)))
        continue
      const session = { kind: 'session', id: id!, until: Number(until) } as const
      if (this.isWelcome(session, now)) return session
    }
    return undefined
  }

  /** Whether somebody who came in may still stay. */
  isWelcome(visitor: Visitor, now: number): boolean {
    return visitor.kind === 'key' || (visitor.until > now && !this.#ended.has(visitor.id))
  }

  /** A session ends with the process, at the latest: the secret is new at each start. */
  sessionCookie(request: Request, now: number): string {
    const session = `${now + httpLimits.sessionMs}.${randomBytes(8).toString('hex')}`
    const mac = Buffer.from(this.#mac('session', session)).toString('hex')
    return cookieOf(`${session}.${mac}`, httpLimits.sessionMs / 1_000, request)
  }

  /** Also for whoever has copied the cookie. */
  endSession({ id, until }: Session, now: number): void {
    for (const [other, itsEnd] of this.#ended) if (itsEnd <= now) this.#ended.delete(other)
    this.#ended.set(id, until)
  }

  endedCookie(request: Request): string {
    return cookieOf('', 0, request)
  }

  #mac(use: string, text: string): Uint8Array {
    return createHmac('sha256', this.#secret).update(`${use}\n`).update(text).digest()
  }
}

const sessionCookiePattern = new RegExp(`^${cookieName}=(\\d{1,16})\\.([0-9a-f]{16})\\.([0-9a-f]{64})$`)

function cookieOf(value: string, maxAgeSeconds: number, request: Request): string {
  // Behind a proxy that does TLS the browser says so itself.
  const secure = (request.headers.get('origin') ?? request.url).startsWith('https:') ? '; Secure' : ''
  return `${cookieName}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`
}

/** @throws HttpProblem 403 for what a page of another site sent */
export function refuseOtherSites(request: Request): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const fromElsewhere =
    (origin !== null && (URL.canParse(origin) ? new URL(origin).host : '') !== hostOf(request)) ||
    (site !== null && site !== 'same-origin' && site !== 'none')
  if (fromElsewhere) throw new HttpProblem(403, 'forbidden', 'This was sent by a page of another site.')
}

/**
 * On loopback only names of this machine are answered: else any web page could have its own name point here (DNS
 * rebinding) and be of one origin with the trail.
 * @throws HttpProblem 421
 */
export function refuseOtherHosts(request: Request, names: readonly string[]): void {
  const host = hostOf(request)
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
  if (!names.includes(name))
    throw new HttpProblem(
      421,
      'misdirected',
      `This server does not answer to the name ${JSON.stringify(name.slice(0, 100))}.`,
      'use localhost, or start it with --allow-host NAME',
    )
}

export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

const hostOf = (request: Request): string => request.headers.get('host') ?? new URL(request.url).host

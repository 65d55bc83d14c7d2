/**
 * Who may come in: the holder of the admin key, as a bearer key on the API, or, after giving it once, as a browser with
 * a session cookie. And from where: a page elsewhere on the web must not speak through the user's browser.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { HttpProblem } from './problem.ts'

const sessionMs = 12 * 3_600_000
const cookieName = 'auditproof_session'

export class Access {
  // Keys are compared by what this secret makes of them: the time it takes tells nothing about the key.
  readonly #secret = randomBytes(32)
  readonly #key: Uint8Array

  constructor(adminKey: string) {
    this.#key = this.#mac('key', adminKey)
  }

  isKey(given: string): boolean {
    return timingSafeEqual(this.#mac('key', given), this.#key)
  }

  hasBearer(request: Request): boolean {
    const given = /^Bearer ([^\s]{1,256})$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    return given !== undefined && this.isKey(given)
  }

  hasSession(request: Request, now: number): boolean {
    const cookies = (request.headers.get('cookie') ?? '').split(/; */)
    return cookies.some((cookie) => {
      const [, until, mac] = new RegExp(`^${cookieName}=(\\d{1,16})\\.([0-9a-f]{64})$`).exec(cookie) ?? []
      return (
        until !== undefined &&
        Number(until) > now &&
        timingSafeEqual(Buffer.from(mac!, 'hex'), this.#mac('session', until))
      )
    })
  }

  /** A session ends with the process, at the latest: the secret is new at each start. */
  sessionCookie(request: Request, now: number): string {
    const until = String(now + sessionMs)
    const mac = Buffer.from(this.#mac('session', until)).toString('hex')
    return cookieOf(`${until}.${mac}`, sessionMs / 1_000, request)
  }

  endedCookie(request: Request): string {
    return cookieOf('', 0, request)
  }

  #mac(use: string, text: string): Uint8Array {
    return createHmac('sha256', this.#secret).update(`${use}\n`).update(text).digest()
  }
}

function cookieOf(value: string, maxAgeSeconds: number, request: Request): string {
  // Behind a proxy that does TLS the browser says so itself.
  const secure = (request.headers.get('origin') ?? request.url).startsWith('https:') ? '; Secure' : ''
  return `${cookieName}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`
}

/** @throws HttpProblem 403 for a form that another site sent */
export function refuseOtherSites(request: Request): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const fromElsewhere =
    (origin !== null && (URL.canParse(origin) ? new URL(origin).host : '') !== hostOf(request)) ||
    (site !== null && site !== 'same-origin' && site !== 'none')
  if (fromElsewhere) throw new HttpProblem(403, 'usage', 'This form was sent by another site.')
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
      'usage',
      `This server does not answer to the name ${JSON.stringify(name.slice(0, 100))}.`,
      'use localhost, or start it with --allow-host NAME',
    )
}

export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

const hostOf = (request: Request): string => request.headers.get('host') ?? new URL(request.url).host

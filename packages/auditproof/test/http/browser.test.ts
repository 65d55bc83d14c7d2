/** The list in a real browser: it follows, waits while somebody reads, comes back, and takes nothing for markup. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Chromium, chromiumPath } from './chromium.ts'
import { bearer, key, loseEntry, startServer, temporaryData, type Served } from './served.ts'

/** Where there is no browser, these tests do not run, and say so. */
describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  const { data, remove } = temporaryData()
  let here: Served
  let browser: Chromium
  beforeAll(async () => {
    here = await startServer(data)
    browser = await Chromium.start()
    await browser.size(1280, 800)
    await browser.open(`${here.url}/`)
    await browser.read(`(() => { document.querySelector('[name=key]').value = '${key}' })()`)
    await browser.read(`document.querySelector('form').submit()`)
    await browser.until(`document.querySelector('h1')?.textContent === 'Events'`)
  })
  afterAll(async () => {
    await browser.close()
    await here.stop()
    remove()
  })

  const state = `document.getElementById('live-state').dataset.state`
  const record = async (ids: readonly string[], tenant: string, more: object = {}): Promise<void> => {
    for (const id of ids) await here.audit.record('page.item', { id, tenant, ...more })
  }
  const ids = (): Promise<string[]> =>
    browser.read(
      `Array.from(document.querySelectorAll('.events tbody a'), (a) => decodeURIComponent(new URL(a.href).pathname.slice(8)))`,
    )
  const goLive = async (query: string): Promise<void> => {
    await browser.open(`${here.url}/?${query}`)
    await browser.read(`document.getElementById('live').click()`)
    await browser.until(`${state} === 'live'`)
  }
  const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

  test('new events come in on top, once, under the same search, also onto an empty list', async () => {
    await goLive('tenant=top&q=-outcome:denied')
    await record(['a0', 'a1'], 'top')
    await record(['a-denied'], 'top', { outcome: 'denied' })
    await record(['a2'], 'top', { actor: { type: 'user', id: 'u_7', name: 'Mara Lind' }, outcome: 'failure' })
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 3`)
    expect(await ids()).toEqual(['a2', 'a1', 'a0'])
    const live = await browser.read<string>(`document.querySelector('.events tbody tr').innerText`)
    await browser.open(`${here.url}/?tenant=top&q=-outcome:denied`)
    expect(await ids()).toEqual(['a2', 'a1', 'a0'])
    // The script's rows are the server's.
    expect(await browser.read(`document.querySelector('.events tbody tr').innerText`)).toBe(live)
  })

  test('what came between the page and pressing Live is there, once', async () => {
    await record(numbered('b', 3), 'between')
    await browser.open(`${here.url}/?tenant=between`)
    await record(['b3', 'b4'], 'between')
    await browser.read(`document.getElementById('live').click()`)
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 5`)
    expect(await ids()).toEqual(['b4', 'b3', 'b2', 'b1', 'b0'])
  })

  test('of all tenants, what is listed before it came under a checkpoint does not come a second time', async () => {
    for (let round = 0; round < 3; round++) {
      await record(numbered(`h${round}-`, 3), 'once')
      await goLive('q=page.item')
      await record([`h${round}-last`], 'once')
      await browser.until(`document.querySelector('.events tbody a')?.href.includes('h${round}-last')`)
      const all = await ids()
      expect(new Set(all).size).toBe(all.length)
    }
  })

  test('while somebody reads further down, or has selected something, new events wait and are counted', async () => {
    await record(numbered('c', 40), 'reading')
    await browser.open(`${here.url}/?tenant=reading`)
    await browser.read(`scrollTo(0, 300)`)
    await sleep(400)
    expect(await browser.read(`document.getElementById('live-state').innerText`)).toBe('')
    await goLive('tenant=reading')
    await browser.read(`scrollTo(0, 300)`)
    await record(numbered('c-new', 12), 'reading')
    await browser.until(`document.getElementById('arrived').textContent.startsWith('12 new events')`)
    expect(await browser.read(state)).toBe('paused')
    expect(await ids()).toHaveLength(40)
    await browser.read(`document.getElementById('arrived').click()`)
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 52`)
    expect((await ids())[0]).toBe('c-new11')

    await browser.until('scrollY === 0')
    await browser.read(`getSelection().selectAllChildren(document.querySelector('.events tbody td'))`)
    await record(['c-last'], 'reading')
    await browser.until(`!document.getElementById('arrived').hidden`)
    expect(await ids()).toHaveLength(52)
    await browser.read(`getSelection().removeAllRanges()`)
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 53`)
    expect(await browser.read(state)).toBe('live')
  })

  test('Space pauses and goes on, and loses nothing; while typing it is a blank', async () => {
    await goLive('tenant=space')
    await browser.read(`document.activeElement.blur()`)
    await browser.key(' ', 'Space', ' ')
    await browser.until(`${state} === 'paused'`)
    await record(numbered('d', 3), 'space')
    await sleep(500)
    expect(await ids()).toEqual([])
    await browser.key(' ', 'Space', ' ')
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 3`)
    await browser.read(`document.querySelector('[name=q]').focus()`)
    await browser.key(' ', 'Space', ' ')
    expect(await browser.read(`document.querySelector('[name=q]').value`)).toBe(' ')
    expect(await browser.read(`document.getElementById('live').getAttribute('aria-pressed')`)).toBe('true')
  })

  test('a server that goes away and comes back: the page says so, goes on, and has missed nothing', async () => {
    await goLive('tenant=back')
    await record(['e0'], 'back')
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 1`)
    const { port } = new URL(here.url)
    await here.stop()
    await browser.until(`${state} === 'reconnecting'`)
    const { createAudit } = await import('../../src/audit.ts')
    const writer = createAudit({ data })
    for (const id of numbered('e-away', 5)) await writer.record('page.item', { id, tenant: 'back' })
    await writer.close()
    here = await startServer(data, { port: Number(port) })
    // Sessions end with the process: the browser is told, and asks for the key again.
    await browser.until(`${state} === 'ended'`, 20_000)
    expect(await browser.read(`document.getElementById('live-state').innerText`)).toContain('Log in again')
    await browser.open(`${here.url}/login`)
    await browser.read(
      `(() => { document.querySelector('[name=key]').value = '${key}'; document.querySelector('form').submit() })()`,
    )
    await browser.until(`document.querySelector('h1')?.textContent === 'Events'`)
    await browser.open(`${here.url}/?tenant=back`)
    expect(await ids()).toEqual([...numbered('e-away', 5).toReversed(), 'e0'])
  })

  test('a connection that breaks is taken up again by the browser, where it was, without a loss', async () => {
    const line = await Line.to(here.url)
    await browser.open(`${line.url}/?tenant=cut`)
    await browser.read(`document.getElementById('live').click()`)
    await browser.until(`${state} === 'live'`)
    await record(['f0', 'f1'], 'cut')
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 2`)
    await line.cut()
    await browser.until(`${state} === 'reconnecting'`)
    await record(numbered('f-away', 30), 'cut')
    await line.mend()
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 32`, 30_000)
    expect(await ids()).toEqual([...numbered('f-away', 30).toReversed(), 'f1', 'f0'])
    await browser.until(`${state} === 'live'`)
    await browser.open(`${here.url}/`)
    await line.cut()
  })

  test('what cannot be read is a line of its own', async () => {
    await goLive('tenant=lost')
    const giveBack = await loseEntry(here, 1)
    await record(numbered('l', 3), 'lost')
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 3`)
    giveBack()
    expect(await browser.read(`document.querySelector('.events .gap').innerText`)).toContain(
      '1 event of lost cannot be read: index 1.',
    )
  })

  test('of many events the newest 400 stay, and the next page is no longer offered', async () => {
    await record(numbered('g', 60), 'many')
    await goLive('tenant=many')
    await Promise.all(numbered('g-new', 450).map((id) => here.audit.record('page.item', { id, tenant: 'many' })))
    await browser.until(`document.querySelectorAll('.events tbody tr').length === 400`)
    await browser.until(`document.getElementById('older').textContent.includes('load the list again')`)
    await sleep(600)
    expect(new Set(await ids()).size).toBe(400)
  })

  test('nothing that 120 hostile events hold becomes markup, runs, is asked for, or hides', async () => {
    await goLive('')
    const before = browser.requests.length
    const texts = payloads()
    expect(texts.length).toBeGreaterThanOrEqual(120)
    await Promise.all(
      texts.map((text, i) =>
        here.audit.record('note.write', {
          id: `x${i}`,
          tenant: text.slice(0, 150),
          actor: { type: 'user', id: text, name: text },
          target: { type: 'note', id: text, name: text },
          reason: text,
        }),
      ),
    )
    await browser.until(`document.querySelectorAll('.events tbody .fresh').length === ${texts.length}`)
    const found = await browser.read<{ elements: string[]; text: string }>(
      `({ elements: [...new Set(Array.from(document.querySelectorAll('.events tbody *'), (e) => e.localName))], text: document.querySelector('.events tbody').textContent })`,
    )
    expect(found.elements.toSorted()).toEqual(['a', 'span', 'td', 'time', 'tr'])
    expect(found.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u0000-\u0008\u0080-\u009f]/)
    expect(found.text).toContain('<script>alert(1)</script>')
    await browser.open(`${here.url}/?q=${encodeURIComponent('action:note.write')}`)
    await browser.open(`${here.url}/?q=${encodeURIComponent('"><script>alert(1)</script>')}`)
    await sleep(300)
    expect(browser.alarms.filter((alarm) => !alarm.includes('net::'))).toEqual([])
    expect(
      browser.requests.slice(before).filter((url) => !url.startsWith(here.url) && !url.startsWith('data:image/svg')),
    ).toEqual([])
  })

  test('the key is not asked for by the stream, and nothing of it is in an address', () => {
    expect(browser.requests.join('\n')).not.toContain(key)
    expect(bearer.authorization).toContain(key)
  })
})

test.skipIf(chromiumPath !== undefined)('there is no browser on this machine: the page’s script was not run', () => {})

/** A line to the server that can be cut. */
class Line {
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  #server!: Server
  #own = 0

  private constructor(url: string) {
    this.#port = Number(new URL(url).port)
  }

  static async to(url: string): Promise<Line> {
    const line = new Line(url)
    await line.mend()
    return line
  }

  get url(): string {
    return `http://127.0.0.1:${this.#own}`
  }

  async mend(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(this.#port, '127.0.0.1')
      near.pipe(far).pipe(near)
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
      }
    }).listen(this.#own, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#own = (this.#server.address() as AddressInfo).port
  }

  async cut(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
    await closed
  }
}

/** Ways in which text has become markup elsewhere, each in several wrappings. */
function payloads(): string[] {
  const cores = [
    '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<svg/onload=alert`1`>',
    '<iframe src=javascript:alert(1)>', '<a href="javascript:alert(1)">x</a>', '<body onload=alert(1)>',
    '<details open ontoggle=alert(1)>', '<input autofocus onfocus=alert(1)>', '<video><source onerror=alert(1)>',
    '<math><mtext></mtext><script>alert(1)</script></math>', '<style>@import "http://evil.example/x.css"</style>',
    '<link rel=stylesheet href=http://evil.example/y>', '<base href=http://evil.example/>', '<object data=x onerror=alert(1)>',
    '<meta http-equiv=refresh content="0;url=http://evil.example">', '<form action=http://evil.example><button>x',
    '<template><script>alert(1)</script></template>', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<img src=http://evil.example/pixel.gif>', 'javascript:alert(1)', '{{constructor.constructor("alert(1)")()}}', '${alert(1)}',
    'data:text/html,<script>alert(1)</script>', '</td></tr></table><script>alert(1)</script>', '</script><script>alert(1)</script>',
    '<!--<img src="--><img src=x onerror=alert(1)>', '\u202e<script>alert(1)</script>\u2066', '\u0000<scr\u0000ipt>alert(1)</script>',
    '\u009b31m<b>', '<scr<script>ipt>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;',
  ] // prettier-ignore
  return cores.flatMap((core) => [
    core,
    `"><${core}`.replace('<<', '<'),
    `' ${core} '`,
    `\n\nevent: row\ndata: {}\n\n${core}`,
  ])
}

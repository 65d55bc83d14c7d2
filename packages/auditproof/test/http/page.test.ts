/** The pages: who may see them, what they say, and that nothing an event holds becomes markup. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { safeNext } from '../../src/http/page/login.ts'
import { openHere, type Here } from './app.ts'

let here: Here
let cookie: string

const base = 'http://localhost'
const theScript = '<script type="module" src="/page/live.js"></script>'
const logIn = async (key: string, headers: Record<string, string> = { origin: base }, next = '/'): Promise<Response> =>
  here.app.request(`${base}/login`, { method: 'POST', body: new URLSearchParams({ key, next }), headers })
const page = async (path: string): Promise<Response> => here.app.request(`${base}${path}`, { headers: { cookie } })
const text = async (path: string): Promise<string> => (await page(path)).text()

beforeAll(async () => {
  here = openHere({ hosts: ['localhost'] })
  cookie = (await logIn(here.key)).headers.get('set-cookie')!.split(';')[0]!
})
afterAll(() => here.audit.close())

test('without a session there is the login form, and nothing else', async () => {
  for (const path of ['/', '/events/e1?tenant=default', '/events/e1/receipt']) {
    const response = await here.app.request(`${base}${path}`)
    expect(response.status).toBe(401)
    expect(await response.text()).toMatch(/<input\s+type="password"\s+name="key"/)
  }
})

test('the key opens a session that lies in an HttpOnly cookie of this site only, and no address holds it', async () => {
  const response = await logIn(here.key, { origin: base }, '/events/e1?tenant=a%20b')
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe('/events/e1?tenant=a%20b')
  expect(response.headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict$/)
  expect(response.headers.get('set-cookie')).not.toContain(here.key)
  const wrong = await logIn('0'.repeat(64))
  expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null])
  expect(await wrong.text()).toContain('role="alert"')
})

test('a cookie that was made up or has run out opens nothing', async () => {
  const [name, value] = cookie.split('=') as [string, string]
  const [until, id, mac] = value.split('.') as [string, string, string]
  for (const forged of [
    `${name}=${Number(until) + 1}.${id}.${mac}`,
    `${name}=${until}.${'0'.repeat(16)}.${mac}`,
    `${name}=${until}.${id}.${'0'.repeat(64)}`,
    `${name}=`,
    `${name}=${until}.`,
  ])
    expect((await here.app.request(`${base}/`, { headers: { cookie: forged } })).status).toBe(401)
  const later = openHere({ now: () => 0 })
  expect((await later.app.request(`${base}/`, { headers: { cookie } })).status).toBe(401)
  await later.audit.close()
})

test('a form from another site is refused, also with the right key', async () => {
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[])
    expect((await logIn(here.key, headers)).status, JSON.stringify(headers)).toBe(403)
})

test('a name that was pointed here is refused (DNS rebinding)', async () => {
  for (const url of ['http://evil.example/', 'http://localhost.evil.example/', 'http://127.0.0.2/'])
    expect((await here.app.request(url)).status).toBe(421)
  const refused = await here.app.request(`${base}/`, { headers: { host: 'evil.example' } })
  expect(refused.status).toBe(421)
  expect(refused.headers.get('x-frame-options')).toBe('DENY')
})

test('after logging in one goes to a page of this server, never elsewhere', () => {
  for (const next of [
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/%2F/..//evil.example',
    'javascript:alert(1)',
    undefined,
    ['/'],
  ])
    expect(new URL(safeNext(next), base).host, String(next)).toBe('localhost')
  expect(safeNext('//evil.example')).toBe('/')
  expect(safeNext('/events/e1?tenant=a')).toBe('/events/e1?tenant=a')
})

test('an empty trail says how to send the first event', async () => {
  expect(await text('/')).toContain('No events yet')
  expect(await text('/')).toContain(`${base}/api/v1/events`)
})

test('nothing that an event holds becomes markup, a link or hidden', async () => {
  const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>\u202e\u200b`
  await here.audit.record('note.write', {
    id: 'x1',
    tenant: hostile,
    actor: { type: 'user', id: hostile, name: hostile },
    target: { type: hostile, id: 'javascript:alert(1)', name: hostile },
    changes: [{ path: `/${hostile}`, op: 'replace', old: hostile, new: hostile }],
    context: { ip: hostile, userAgent: hostile },
    details: { [hostile]: hostile, list: [hostile] },
    reason: hostile,
  })
  for (const path of [
    '/',
    `/?tenant=${encodeURIComponent(hostile)}`,
    `/events/x1?tenant=${encodeURIComponent(hostile)}`,
    `/?actor=${encodeURIComponent(hostile)}`,
  ]) {
    const response = await page(path)
    const html = await response.text()
    expect(response.status).toBe(200)
    // What somebody typed stands in the form as it was typed.
    const others = html.replaceAll(/ value="[^"<>]*"/g, '').replace(theScript, '')
    expect(others, path).not.toMatch(/<script|<img|onerror=alert\(1\)>|href="javascript|\u202e|\u200b/)
  }
})

test('a link logs in once, within ten minutes, and not for a page elsewhere', async () => {
  let offset = 0
  const linked = openHere({ oneTimeKey: 'once-only', now: () => Date.now() + offset })
  const follow = (headers: Record<string, string> = {}, key = 'once-only'): Response | Promise<Response> =>
    linked.app.request(`${base}/login?once=${key}`, { headers })
  expect((await follow({}, 'another')).status).toBe(401)
  expect((await follow({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await follow({ 'sec-purpose': 'prefetch' })).status).toBe(200)
  offset = 600_000
  expect((await follow()).status).toBe(401)
  offset = 0
  const used = await follow()
  expect([used.status, used.headers.get('location')]).toEqual([303, '/'])
  const session = { cookie: used.headers.get('set-cookie')!.split(';')[0]! }
  expect((await linked.app.request(`${base}/`, { headers: session })).status).toBe(200)
  expect((await follow()).status).toBe(401)
  await linked.audit.close()
})

test('whoever logs out is out, also with a copy of the cookie', async () => {
  const mine = (await logIn(here.key)).headers.get('set-cookie')!.split(';')[0]!
  const request = (path: string, method = 'GET'): Response | Promise<Response> =>
    here.app.request(`${base}${path}`, { method, headers: { cookie: mine, origin: base } })
  expect((await request('/')).status).toBe(200)
  await request('/logout', 'POST')
  expect((await request('/')).status).toBe(401)
  expect((await request('/live')).status).toBe(401)
})

test('the policy lets nothing run but the page’s own scripts, and knows the one stylesheet', async () => {
  const response = await page('/')
  const policy = response.headers.get('content-security-policy')!
  const css = /<style>([\s\S]*?)<\/style>/.exec(await response.text())![1]!
  expect(policy).toContain(
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(css).digest('base64')}'`,
  )
  expect(policy).not.toContain('unsafe')
  expect(policy).toContain(`script-src 'self'; connect-src 'self'`)
  for (const name of ['live', 'live-list', 'live-row', 'live-stream']) {
    const script = await here.app.request(`${base}/page/${name}.js`)
    expect([script.headers.get('content-type'), script.headers.get('x-content-type-options')]).toEqual([
      'text/javascript; charset=utf-8',
      'nosniff',
    ])
    expect(await script.text()).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
  }
  expect((await here.app.request(`${base}/page/routes.ts`)).status).toBe(404)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('the list shows names and ids, filters by address, and goes on to older events', async () => {
  for (let i = 0; i < 60; i++)
    await here.audit.record('case.update', {
      id: `p${i}`,
      tenant: 'paged',
      actor: { type: 'user', id: 'u_7', name: 'Mara Lind' },
      outcome: i === 3 ? 'denied' : 'success',
    })
  const first = await text('/?tenant=paged')
  expect(first).toContain('Mara Lind<span class="id">user/u_7</span>')
  expect(first.match(/<td class="when">/g)).toHaveLength(50)
  expect(first).toContain('1–50 of 60')
  const older = /rel="next" href="([^"]*)"/.exec(first)![1]!.replaceAll('&amp;', '&')
  const second = await text(older)
  expect(second.match(/<td class="when">/g)).toHaveLength(10)
  expect(second).toContain('51–60 of 60')
  expect(second).not.toContain('data-stream')
  expect((await text('/?tenant=paged&outcome=denied')).match(/<td class="when">/g)).toHaveLength(1)
  expect(await text('/?tenant=paged&actor=nobody')).toContain('No event matches')
  const wrong = await page('/?tenant=paged&outcome=sucess')
  expect([wrong.status, (await wrong.text()).includes('did you mean success?')]).toEqual([400, true])
})

test('the search box takes the grammar, and shows where it is wrong', async () => {
  const found = await text(`/?tenant=paged&q=${encodeURIComponent('actor:"Mara Lind" -outcome:success')}`)
  expect(found.match(/<td class="when">/g)).toHaveLength(1)
  const wrong = await page(`/?q=${encodeURIComponent('fix actr:<b>')}`)
  const html = await wrong.text()
  expect(wrong.status).toBe(400)
  expect(html).toContain('<span>fix </span><mark>actr:&lt;b&gt;</mark')
  expect(html).toMatch(/name="q"\s+value="fix actr:&lt;b&gt;"[^>]*aria-invalid="true"/)
  const chip = await text('/?actor=user/u_7&since=7d')
  expect(chip).toContain('<input type="hidden" name="actor" value="user/u_7" />')
  expect(chip).toContain('href="/?since=7d"')
})

test('an event’s page has the sentence, the changes, the proof and a receipt', async () => {
  await here.audit.record('case.update', {
    id: 'd1',
    actor: 'user/u_7',
    target: 'case/c_12',
    before: { a: 1, b: null },
    after: { a: 2, b: '' },
  })
  const html = await text('/events/d1?tenant=default')
  expect(html).toContain('u_7 did case.update on case c_12')
  expect(html).toMatch(/<th scope="row">a<\/th>\s*<td class="old">1<\/td>\s*<td class="new">2<\/td>/)
  const receipt = /href="(\/events\/d1\/receipt[^"]*)"/.exec(html)![1]!
  expect(await text(receipt)).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
  const none = await page('/events/nope?tenant=default')
  expect([none.status, none.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8'])
})

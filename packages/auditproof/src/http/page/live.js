/**
 * Lets the list follow live: new events come in on top, from a stream (/live) under the same search. What events hold
 * becomes text and nothing else. Served as it is; only the list has it, and the list works without it.
 */
const rowsMax = 400
const batchMs = 250
const tellMs = 10_000
const retryMsMax = 30_000

const panel = document.getElementById('events')
const button = document.getElementById('live')
if (panel?.dataset.stream !== undefined && button !== null) start(panel, button)

function start(panel, button) {
  const table = panel.querySelector('table')
  const body = table.tBodies[0]
  const state = document.getElementById('live-state')
  const arrived = document.getElementById('arrived')
  const told = spoken(panel)
  const withTenant = panel.dataset.tenants === 'shown'
  /** What is on the page or waits to be: an event comes once, whoever brought it. */
  const known = new Set(Array.from(body.querySelectorAll('a'), (link) => link.getAttribute('href')))

  let cursor = panel.dataset.cursor
  let isOn = false
  let wasOn = false
  let source
  let waiting = [] // rows that are not on the page yet, oldest first
  let waitingCount = 0
  let timer
  let retry
  let failures = 0
  let connection = 'connecting'
  let untold = 0
  let toldAt = -Infinity

  button.hidden = false
  button.addEventListener('click', () => turn(!isOn))
  arrived.addEventListener('click', () => {
    getSelection()?.removeAllRanges()
    if (body.contains(document.activeElement)) button.focus({ preventScroll: true })
    scrollTo({ top: 0 })
    show()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== ' ' || !wasOn || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    if (event.defaultPrevented || event.target.closest('a,button,input,select,textarea,summary,[contenteditable]'))
      return
    event.preventDefault()
    turn(!isOn)
  })
  for (const [target, name] of [
    [window, 'scroll'],
    [document, 'selectionchange'],
    [document, 'visibilitychange'],
    [document, 'focusout'],
  ])
    target.addEventListener(name, soon, { passive: true })
  addEventListener('pagehide', () => source?.close())
  addEventListener('pageshow', (event) => event.persisted && isOn && connect())

  function turn(on) {
    isOn = on
    wasOn = true
    button.setAttribute('aria-pressed', String(on))
    if (on) return connect()
    source?.close()
    clearTimeout(retry)
    show()
    say('paused', 'Paused. Nothing is lost: Live goes on from here.')
  }

  function connect() {
    source?.close()
    clearTimeout(retry)
    say('connecting', failures === 0 ? 'Connecting …' : 'Reconnecting …')
    source = new EventSource(address())
    source.addEventListener('open', () => {
      failures = 0
      tellState('live')
    })
    source.addEventListener('row', (event) => {
      cursor = event.lastEventId
      const row = JSON.parse(event.data)
      if (known.has(row.path)) return
      known.add(row.path)
      keep(rowElement(row, withTenant), row.path)
    })
    source.addEventListener('gap', (event) => {
      cursor = event.lastEventId
      keep(gapElement(JSON.parse(event.data), withTenant ? 5 : 4))
    })
    source.addEventListener('problem', (event) => {
      const { error } = JSON.parse(event.data)
      say('reconnecting', `${error.message} (error ${error.id})`)
    })
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) void refused()
      else say('reconnecting', 'Reconnecting …')
    })
  }

  const address = () => `${panel.dataset.stream}&after=${encodeURIComponent(cursor)}`

  /** An EventSource gives up where the answer is no stream, and does not say which answer it was. */
  async function refused() {
    const status = await fetch(address(), { method: 'HEAD' }).then(
      (response) => response.status,
      () => 0,
    )
    if (!isOn) return
    if (status === 401) return end('The session has ended.', 'Log in again')
    if (status === 400 || status === 409) return end('The list cannot go on from here.', 'Load it again')
    failures += 1
    const ms = Math.min(retryMsMax, 1_000 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
    say('reconnecting', `Not reachable. Next try in ${Math.max(1, Math.round(ms / 1_000))} s.`)
    retry = setTimeout(connect, ms)
  }

  function end(text, link) {
    isOn = false
    button.setAttribute('aria-pressed', 'false')
    button.hidden = true
    say('ended', `${text} `)
    state.append(element('a', { href: location.pathname + location.search }, link))
  }

  function keep(row, path) {
    waiting.push({ row, path })
    waitingCount += 1
    // More than the page holds would never be seen: the newest stay.
    if (waiting.length > rowsMax) forget(waiting.shift())
    soon()
  }

  function forget({ path }) {
    if (path !== undefined) known.delete(path)
  }

  function soon() {
    timer ??= setTimeout(() => {
      timer = undefined
      if (!document.hidden && (waiting.length === 0 || held() === undefined)) show()
      else if (!document.hidden) showCount()
      if (connection === 'live' && isOn) tellState('live')
    }, batchMs)
  }

  /** Why new rows would disturb whoever reads. */
  function held() {
    if (scrollY >= 8) return 'scrolled'
    const selection = getSelection()
    if (selection !== null && !selection.isCollapsed && table.contains(selection.anchorNode)) return 'selection'
    return body.contains(document.activeElement) ? 'selection' : undefined
  }

  function show() {
    arrived.hidden = true
    if (waiting.length === 0) return
    untold += waitingCount
    const rows = waiting
    waiting = []
    waitingCount = 0
    body.prepend(...rows.map(({ row }) => row).reverse())
    table.hidden = false
    document.getElementById('nothing')?.remove()
    while (body.rows.length > rowsMax) takeOff(body.rows[body.rows.length - 1])
    tellNew()
  }

  function takeOff(row) {
    known.delete(row.querySelector('a')?.getAttribute('href'))
    row.remove()
    const older = document.getElementById('older')
    if (older === null || older.dataset.changed !== undefined) return
    // The next page would begin behind rows that are no longer here.
    older.dataset.changed = ''
    older.textContent = `Only the newest ${rowsMax} stay here: load the list again`
    older.setAttribute('href', location.pathname + location.search)
  }

  function showCount() {
    arrived.textContent = `${waitingCount} new ${waitingCount === 1 ? 'event' : 'events'} ↑`
    arrived.hidden = waitingCount === 0
    tellNew()
  }

  /** To screen readers, at most every ten seconds. */
  function tellNew() {
    const count = untold + waitingCount
    if (count === 0 || performance.now() - toldAt < tellMs) return
    toldAt = performance.now()
    untold = 0
    told.textContent = `${count} new ${count === 1 ? 'event' : 'events'}`
  }

  function tellState(to) {
    const why = waiting.length === 0 ? undefined : held()
    if (why === undefined) return say(to, 'Following')
    say('paused', why === 'scrolled' ? 'Paused while you read further down' : 'Paused while something is selected', to)
  }

  function say(name, text, as = name) {
    connection = as
    state.dataset.state = name
    button.dataset.state = name
    if (state.textContent !== text) state.textContent = text
  }
}

function rowElement({ path, time, tenant, action, outcome, target, actor }, withTenant) {
  const link = element('a', { href: path.startsWith('/events/') ? path : '#' })
  link.append(time === null ? 'erased' : element('time', { datetime: time[0] }, time[1]))
  const what = element('td')
  const name = element('span', { class: 'what' })
  name.append(action ?? element('span', { class: 'erased' }, 'erased'))
  what.append(name)
  if (outcome !== null) what.append(element('span', { class: `badge ${outcome}` }, outcome))
  const row = element('tr', { class: 'fresh' })
  const when = element('td', { class: 'when' })
  when.append(link)
  row.append(when)
  if (withTenant) row.append(element('td', { 'data-label': 'Tenant' }, tenant))
  row.append(what, named('Target', target), named('Who', actor))
  return row
}

function named(label, [name, id]) {
  const cell = element('td', { 'data-label': label }, name ?? id ?? '–')
  if (name !== null && id !== null) cell.append(element('span', { class: 'id' }, id))
  return cell
}

function gapElement({ tenant, from, to }, columns) {
  const count = to - from
  const row = element('tr', { class: 'gap' })
  row.append(
    element(
      'td',
      { colspan: String(columns) },
      `${count} ${count === 1 ? 'event' : 'events'} of ${tenant} cannot be read: index ${from}${count === 1 ? '' : ` to ${to - 1}`}. auditproof verify says more.`,
    ),
  )
  return row
}

/** Read aloud, not seen. */
function spoken(panel) {
  const region = element('p', { class: 'spoken', 'aria-live': 'polite' })
  panel.after(region)
  return region
}

function element(name, attributes = {}, text) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  if (text !== undefined) made.textContent = text
  return made
}

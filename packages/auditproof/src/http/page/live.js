/**
 * Lets the list follow live: new events come in on top, from a stream (/live) under the same search. What events hold
 * becomes text and nothing else. Served as it is; only the list has it, and the list works without it.
 */
import { NewRows } from './live-list.js'
import { LiveStream } from './live-stream.js'

const panel = document.getElementById('events')
const button = document.getElementById('live')
if (panel?.dataset.stream !== undefined && button !== null) start(panel, button)

function start(panel, button) {
  const state = document.getElementById('live-state')
  let isOn = false
  let wasOn = false

  const rows = new NewRows(panel, { onHeld: () => tell() })
  const stream = new LiveStream(panel.dataset, {
    onRow: (row) => rows.add(row),
    onGap: (gap) => rows.addGap(gap),
    onState: () => tell(),
  })

  button.hidden = false
  button.addEventListener('click', () => turn(!isOn))
  document.addEventListener('keydown', (event) => {
    const isPlain = event.key === ' ' && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey
    // Only after somebody has pressed Live, and never where a blank has a meaning of its own.
    if (!isPlain || !wasOn || event.defaultPrevented || event.target.closest(takesBlanks) !== null) return
    event.preventDefault()
    turn(!isOn)
  })
  addEventListener('pagehide', () => stream.close())
  addEventListener('pageshow', (event) => event.persisted && isOn && stream.open())

  function turn(on) {
    isOn = on
    wasOn = true
    if (on) return stream.open()
    stream.close()
    rows.show()
    tell()
  }

  function tell() {
    if (!wasOn) return
    if (stream.state === 'ended') isOn = false
    button.hidden = stream.state === 'ended'
    button.setAttribute('aria-pressed', String(isOn))
    const [name, text] = isOn || stream.state === 'ended' ? following() : off
    button.dataset.state = name
    state.dataset.state = name
    if (state.textContent === text) return
    state.textContent = text
    if (name === 'ended') state.append(' ', againLink())
  }

  function following() {
    if (stream.state !== 'live' || rows.held === undefined) return [stream.state, stream.text]
    return ['paused', `Paused while ${rows.held}`]
  }

  function againLink() {
    const link = document.createElement('a')
    link.setAttribute('href', location.pathname + location.search)
    link.textContent = stream.again
    return link
  }
}

const off = ['paused', 'Paused. Nothing is lost: Live goes on from here.']
const takesBlanks = 'a,button,input,select,textarea,summary,[contenteditable]'

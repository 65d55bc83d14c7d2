/** The rows: new ones on top, unless that would disturb whoever reads; then they wait, and are counted. */
import { gapElement, rowElement } from './live-row.js'

const rowsMax = 400
const batchMs = 250
const tellMs = 10_000

export class NewRows {
  #table
  #body
  #arrived = document.getElementById('arrived')
  #spoken
  #withTenant
  #onHeld
  /** What is on the page or waits to be: an event comes once, whoever brought it. */
  #known
  /** Oldest first; more than the page holds would never be seen. */
  #waiting = []
  #waitingCount = 0
  #timer
  #untold = 0
  #toldAt = -Infinity

  constructor(panel, { onHeld }) {
    this.#table = panel.querySelector('table')
    this.#body = this.#table.tBodies[0]
    this.#withTenant = panel.dataset.tenants === 'shown'
    this.#onHeld = onHeld
    this.#known = new Set(Array.from(this.#body.querySelectorAll('a'), pathOf))
    this.#spoken = document.createElement('p')
    this.#spoken.className = 'spoken'
    this.#spoken.setAttribute('aria-live', 'polite')
    panel.after(this.#spoken)
    this.#arrived.addEventListener('click', () => this.#showAll())
    addEventListener('scroll', () => this.#soon(), { passive: true })
    for (const name of ['selectionchange', 'visibilitychange', 'focusout'])
      document.addEventListener(name, () => this.#soon())
  }

  /** Why rows wait; undefined while none does. */
  get held() {
    return this.#waiting.length === 0 ? undefined : this.#why()
  }

  add(row) {
    if (this.#known.has(row.path)) return
    this.#known.add(row.path)
    this.#keep({ element: rowElement(row, this.#withTenant), path: row.path })
  }

  addGap(gap) {
    this.#keep({ element: gapElement(gap, this.#withTenant ? 5 : 4) })
  }

  show() {
    this.#arrived.hidden = true
    if (this.#waiting.length === 0) return
    this.#untold += this.#waitingCount
    const rows = this.#waiting.reverse()
    this.#waiting = []
    this.#waitingCount = 0
    this.#body.prepend(...rows.map(({ element }) => element))
    this.#table.hidden = false
    document.getElementById('nothing')?.remove()
    while (this.#body.rows.length > rowsMax) this.#takeOffLast()
  }

  #keep(row) {
    this.#waiting.push(row)
    this.#waitingCount += 1
    if (this.#waiting.length > rowsMax) this.#known.delete(this.#waiting.shift().path)
    this.#soon()
  }

  #soon() {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      // Nobody looks: what came is shown when somebody does.
      if (document.hidden) return
      if (this.held === undefined) this.show()
      else this.#count()
      this.#speak()
      this.#onHeld()
    }, batchMs)
  }

  #why() {
    if (scrollY >= 8) return 'you read further down'
    const selection = getSelection()
    const isSelected = selection !== null && !selection.isCollapsed && this.#table.contains(selection.anchorNode)
    return isSelected || this.#body.contains(document.activeElement) ? 'something is selected' : undefined
  }

  #showAll() {
    getSelection()?.removeAllRanges()
    if (this.#body.contains(document.activeElement)) document.activeElement.blur()
    scrollTo({ top: 0 })
    this.show()
  }

  #takeOffLast() {
    const row = this.#body.rows[this.#body.rows.length - 1]
    const link = row.querySelector('a')
    if (link !== null) this.#known.delete(pathOf(link))
    row.remove()
    const older = document.getElementById('older')
    if (older === null) return
    // The next page would begin behind rows that are no longer here.
    older.textContent = `Only the newest ${rowsMax} stay here: load the list again`
    older.setAttribute('href', location.pathname + location.search)
  }

  #count() {
    this.#arrived.textContent = `${eventsOf(this.#waitingCount)} ↑`
    this.#arrived.hidden = false
  }

  /** To screen readers, at most every ten seconds. */
  #speak() {
    const count = this.#untold + this.#waitingCount
    if (count === 0 || performance.now() - this.#toldAt < tellMs) return
    this.#toldAt = performance.now()
    this.#untold = 0
    this.#spoken.textContent = eventsOf(count)
  }
}

const pathOf = (link) => link.getAttribute('href')
const eventsOf = (count) => `${count} new ${count === 1 ? 'event' : 'events'}`

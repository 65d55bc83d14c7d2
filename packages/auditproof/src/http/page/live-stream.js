/** The connection: it goes on where it was, also after it was given up. */
const retryMs = 1_000
const retryMsMax = 30_000

export class LiveStream {
  /** off, connecting, live, reconnecting, or ended: then `again` is what helps. */
  state = 'off'
  text = ''
  again = ''
  #address
  #cursor
  #told
  #source
  #retry
  #failures = 0

  /** @param told onRow, onGap, onState */
  constructor({ stream, cursor }, told) {
    this.#address = stream
    this.#cursor = cursor
    this.#told = told
  }

  open() {
    this.close()
    this.#say('connecting', this.#failures === 0 ? 'Connecting …' : 'Reconnecting …')
    const source = new EventSource(this.#here())
    this.#source = source
    source.addEventListener('open', () => {
      this.#failures = 0
      this.#say('live', 'Following')
    })
    source.addEventListener('row', (event) => this.#told.onRow(this.#take(event)))
    source.addEventListener('gap', (event) => this.#told.onGap(this.#take(event)))
    source.addEventListener('problem', (event) => {
      const { error } = JSON.parse(event.data)
      this.#say('reconnecting', `${error.message} (error ${error.id})`)
    })
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) void this.#refused()
      else this.#say('reconnecting', 'Reconnecting …')
    })
  }

  close() {
    this.#source?.close()
    this.#source = undefined
    clearTimeout(this.#retry)
  }

  #here() {
    return `${this.#address}&after=${encodeURIComponent(this.#cursor)}`
  }

  #take({ data, lastEventId }) {
    this.#cursor = lastEventId
    return JSON.parse(data)
  }

  /** An EventSource gives up where the answer is no stream, and does not say which answer it was. */
  async #refused() {
    const source = this.#source
    const status = await fetch(this.#here(), { method: 'HEAD' }).then(
      (response) => response.status,
      () => 0,
    )
    if (this.#source !== source) return // closed or opened again in between
    if (status === 401) return this.#end('The session has ended.', 'Log in again')
    if (status === 400 || status === 409) return this.#end('The list cannot go on from here.', 'Load it again')
    this.#failures += 1
    // Not all at once, when a server comes back.
    const ms = Math.min(retryMsMax, retryMs * 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2)
    this.#say('reconnecting', `Not reachable. Next try in ${Math.max(1, Math.round(ms / 1_000))} s.`)
    this.#retry = setTimeout(() => this.open(), ms)
  }

  #end(text, again) {
    this.close()
    this.again = again
    this.#say('ended', text)
  }

  #say(state, text) {
    this.state = state
    this.text = text
    this.#told.onState()
  }
}

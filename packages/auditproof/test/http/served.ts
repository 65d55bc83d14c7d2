/** A server on a free port over a store on disk, as processes have it; and clients of its live stream. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAudit, type Audit } from '../../src/audit.ts'
import { serve, type ServeOptions, type Serving } from '../../src/http/serve.ts'

export const key: string = 'a'.repeat(64)
export const bearer: { authorization: string } = { authorization: `Bearer ${key}` }

export interface Served {
  audit: Audit
  server: Serving
  url: string
  failures: { id: string; error: unknown }[]
  /** Stops as the command does: the server, then the audit. */
  stop(): Promise<void>
}

export function temporaryData(): { data: string; remove: () => void } {
  const data = mkdtempSync(join(tmpdir(), 'auditproof-http-'))
  return { data, remove: () => rmSync(data, { recursive: true, force: true }) }
}

export async function startServer(data: string, options: Partial<ServeOptions> = {}): Promise<Served> {
  const audit = createAudit({ data })
  const failures: Served['failures'] = []
  const server = await serve({
    audit,
    adminKey: key,
    host: '127.0.0.1',
    port: 0,
    onError: (failure) => failures.push(failure),
    ...options,
  })
  return {
    audit,
    server,
    url: server.url,
    failures,
    stop: async () => {
      await server.close()
      await audit.close()
    },
  }
}

export interface SentEvent {
  event: string
  /** The last id that was set before its end, as a browser has it. */
  id: string
  data: unknown
}

/** A client of a live stream, by the letter of the specification: ids without data count too. */
export class LiveClient {
  readonly events: SentEvent[] = []
  /** The raw text, comments too. */
  text = ''
  lastEventId = ''
  isEnded = false
  readonly #abort = new AbortController()
  #changed: () => void = () => {}

  static async open(url: string, headers: { [name: string]: string } = bearer): Promise<LiveClient> {
    const client = new LiveClient()
    const response = await fetch(url, { headers, signal: client.#abort.signal })
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    void client.#read(response)
    return client
  }

  get ids(): string[] {
    return this.events.map(({ data }) => (data as { id: string }).id)
  }

  /** Resolves when it is so; what never comes true fails by the test's time. */
  async until(isSo: (client: this) => boolean, timeoutMs = 20_000): Promise<void> {
    const end = Date.now() + timeoutMs
    while (!isSo(this)) {
      if (Date.now() > end) throw new Error(`Not so after ${timeoutMs} ms: ${this.text.slice(-500)}`)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
        setTimeout(resolve, 50)
      })
    }
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(response: Response): Promise<void> {
    let rest = ''
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        this.text += chunk
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop()!
        for (const block of blocks) this.#take(block)
        this.#changed()
      }
    } catch {}
    this.isEnded = true
    this.#changed()
  }

  #take(block: string): void {
    const fields = block.split('\n').map((line) => /^([a-z]*): ?(.*)$/.exec(line))
    const last = (name: string): string | undefined => fields.findLast((field) => field?.[1] === name)?.[2]
    this.lastEventId = last('id') ?? this.lastEventId
    const data = last('data')
    if (data !== undefined)
      this.events.push({ event: last('event') ?? 'message', id: this.lastEventId, data: JSON.parse(data) })
  }
}

/** The store of a server gives one entry of every log no longer, as if it had been taken away. */
export async function loseEntry(server: Served, index: number): Promise<() => void> {
  const { store } = await server.audit.opened()
  const entries = store.entries.bind(store)
  store.entries = async (...range) => (await entries(...range)).filter((entry) => entry.index !== index)
  return () => (store.entries = entries)
}

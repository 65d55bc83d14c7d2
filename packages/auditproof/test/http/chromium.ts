/** A real browser, where this machine has one, spoken to by its own protocol: no dependency, nothing downloaded. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const chromiumPath: string | undefined = ['chromium', 'google-chrome', 'chromium-browser']
  .map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim())
  .find((path) => path !== '')

interface Message {
  id?: number
  method?: string
  params?: { [name: string]: unknown }
  result?: { [name: string]: unknown }
  error?: { message: string }
}

export class Chromium {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (message: Message) => void>()
  readonly #session: Promise<string>
  /** What pages did that they must not: dialogs, and what the policy forbade. */
  readonly alarms: string[] = []
  /** Addresses that were asked for. */
  readonly requests: string[] = []
  #lastId = 0

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child
    this.#profile = profile
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Message))
    this.#session = this.#openPage()
  }

  static async start(): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'auditproof-chromium-'))
    const child = spawn(
      chromiumPath!,
      ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--remote-debugging-port=0',
        `--user-data-dir=${profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    ) // prettier-ignore
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    let url: string | undefined
    while (url === undefined && child.exitCode === null) {
      await sleep(50)
      url = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
    }
    if (url === undefined) throw new Error(`The browser did not start: ${said}`)
    const socket = new WebSocket(url)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    return new Chromium(child, profile, socket)
  }

  async #openPage(): Promise<string> {
    const { targetId } = await this.#send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true })
    for (const domain of ['Page', 'Runtime', 'Network', 'Log'])
      await this.#send(`${domain}.enable`, {}, sessionId as string)
    return sessionId as string
  }

  async call(method: string, params: { [name: string]: unknown } = {}): Promise<{ [name: string]: unknown }> {
    return this.#send(method, params, await this.#session)
  }

  async open(url: string): Promise<void> {
    await this.call('Page.navigate', { url })
    await this.until(`document.readyState === 'complete' && location.href !== 'about:blank'`)
  }

  /** What an expression of the page gives, as JSON. */
  async read<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.call('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as { result: { value: T }; exceptionDetails?: { text: string; exception?: { description?: string } } }
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  async until(expression: string, timeoutMs = 15_000): Promise<void> {
    for (const end = Date.now() + timeoutMs; ; await sleep(50)) {
      if (await this.read<boolean>(`Boolean(${expression})`).catch(() => false)) return
      if (Date.now() > end)
        throw new Error(
          `Not so after ${timeoutMs} ms: ${expression}\n${await this.read<string>('document.body.innerText')}`,
        )
    }
  }

  async size(width: number, height: number): Promise<void> {
    await this.call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.call('Page.captureScreenshot', { format: 'png' })
    return Buffer.from(data as string, 'base64')
  }

  async key(key: string, code: string, text?: string): Promise<void> {
    await this.call('Input.dispatchKeyEvent', { type: 'keyDown', key, code, ...(text !== undefined && { text }) })
    await this.call('Input.dispatchKeyEvent', { type: 'keyUp', key, code })
  }

  async close(): Promise<void> {
    this.#socket.close()
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill()
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #send(method: string, params: { [name: string]: unknown }, sessionId?: string): Promise<{ [name: string]: unknown }> {
    const id = ++this.#lastId
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }))
    return new Promise((resolve, reject) =>
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      ),
    )
  }

  #take({ id, method, params = {}, ...rest }: Message): void {
    if (id !== undefined) this.#waiting.get(id)?.(rest)
    if (id !== undefined) this.#waiting.delete(id)
    if (method === 'Page.javascriptDialogOpening') this.alarms.push(`dialog: ${String(params['message'])}`)
    if (method === 'Runtime.exceptionThrown') this.alarms.push(`exception: ${JSON.stringify(params)}`)
    if (method === 'Log.entryAdded') {
      const { source, text } = params['entry'] as { source: string; text: string }
      if (source === 'security') this.alarms.push(`refused: ${text}`)
    }
    if (method === 'Network.requestWillBeSent') this.requests.push((params['request'] as { url: string }).url)
  }
}

/** A network between application and server that fails when it is told to: this kernel has nothing that would. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * What becomes of a COMMIT: `lose-reply`, the server has committed and the application hears nothing but that the connection
 * is lost; `lose-request`, the server never hears of it.
 */
export type Fate = 'pass' | 'lose-reply' | 'lose-request'

export interface Proxy {
  port: number
  /** The address of a server, through the proxy. */
  through: (url: string) => string
  /** Connections made from now on go there. */
  target: (port: number) => void
  /** Asked for each COMMIT that an application sends. */
  whenCommit: (fate: () => Fate) => void
  /** Nothing goes through any more, in either direction, and nobody is told; false: what was held back goes on. */
  blackHole: (isOn: boolean) => void
  /** Ends all connections at once. */
  cut: () => void
  /** What happened to COMMITs. */
  counts: Record<Fate, number>
  close: () => Promise<void>
}

export async function startProxy(to: number): Promise<Proxy> {
  let target = to
  let fateOf = (): Fate => 'pass'
  let isBlackHole = false
  const pairs = new Set<Pair>()
  const counts = { pass: 0, 'lose-reply': 0, 'lose-request': 0 }
  const server = createServer((application) => {
    const pair = new Pair(application, connect(target, '127.0.0.1'), () => {
      const fate = fateOf()
      counts[fate] += 1
      return fate
    })
    pairs.add(pair)
    pair.hold(isBlackHole)
    application.on('close', () => pairs.delete(pair))
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const pair of pairs) pair.cut()
  }
  return {
    port,
    through(url) {
      const other = new URL(url)
      other.port = String(port)
      return other.href
    },
    target: (to) => void (target = to),
    whenCommit: (fate) => void (fateOf = fate),
    blackHole(isOn) {
      isBlackHole = isOn
      for (const pair of pairs) pair.hold(isOn)
    },
    cut,
    counts,
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** In a simple query and in a parse message alike. */
const commit = Buffer.from('COMMIT\0')
/** What COMMIT is answered where a statement before it has failed. */
const rollback = Buffer.from('ROLLBACK\0')

class Pair {
  readonly #application: Socket
  readonly #server: Socket
  /** Replies are held back until the server has committed. */
  #isLosing = false

  constructor(application: Socket, server: Socket, fate: () => Fate) {
    this.#application = application
    this.#server = server
    for (const socket of [application, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => this.cut())
    }
    application.on('data', (bytes: Buffer) => {
      const what = bytes.includes(commit) ? fate() : 'pass'
      if (what === 'lose-request') this.cut()
      else {
        if (what === 'lose-reply') this.#isLosing = true
        server.write(bytes)
      }
    })
    server.on('data', (bytes: Buffer) => {
      if (!this.#isLosing) application.write(bytes)
      else if (bytes.includes(commit) || bytes.includes(rollback)) this.cut()
    })
  }

  hold(isOn: boolean): void {
    for (const socket of [this.#application, this.#server])
      if (isOn) socket.pause()
      else socket.resume()
  }

  cut(): void {
    if (!this.#application.destroyed) this.#application.resetAndDestroy()
    this.#server.destroy()
  }
}

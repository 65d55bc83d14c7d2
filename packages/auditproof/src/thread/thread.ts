/**
 * A worker thread that is there whenever it is called: when it dies, what was under way is rejected, and the next call
 * starts another, which opens what it serves anew before it does anything else.
 */
import { AuditError } from '../errors.ts'
import { threadLimits } from './limits.ts'
import { RunningThread, type WhenEnded } from './running.ts'

export interface ThreadOptions<Opened> {
  /** A module that calls `serveThread`, with the methods `open` and `close` among others. */
  module: URL
  /** As it is told to people. */
  name: string
  workerData: unknown
  /**
   * What a call ends with when the thread dies under it; `store_unavailable` when absent. For calls that write: it may
   * have done its work all the same.
   */
  whenEnded?: WhenEnded
  /** Before another takes the place of one that died. Throws where that must not be. */
  beforeRestart?: () => void
  /** Looks at what `open` gave, each time. Throws where it is not what it was. */
  opened?: (opened: Opened) => void
  /** Why there is none at the moment; undefined when there is one again. */
  onTrouble?: (trouble: AuditError | undefined) => void
}

export class Thread<Opened> {
  readonly #options: ThreadOptions<Opened>
  #running: RunningThread | undefined
  #restarting: Promise<RunningThread> | undefined
  #startedAt = Number.NEGATIVE_INFINITY
  /** Why the last one is gone. */
  #trouble: AuditError | undefined
  #closed = false

  constructor(options: ThreadOptions<Opened>) {
    this.#options = options
  }

  /** Starts it. @returns what its method `open` gives; rejects with what that throws, and then nothing is left running */
  async open(): Promise<Opened> {
    const { running, opened } = await this.#start()
    this.#running = running
    return opened
  }

  /** Rejects with what the method throws; with `store_unavailable` where no thread can be had. */
  call<T>(method: string, ...args: unknown[]): Promise<T> {
    const { whenEnded = this.#gone } = this.#options
    if (this.#running !== undefined) return this.#running.call<T>(method, args, whenEnded)
    this.#restarting ??= this.#restart().finally(() => (this.#restarting = undefined))
    return this.#restarting.then((running) => running.call<T>(method, args, whenEnded))
  }

  /** Lets it close what it has open, and end. One that died has nothing open any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#restarting?.catch(() => {})
    const running = this.#running
    if (running === undefined) return
    let died = false
    const whenEnded: WhenEnded = (cause) => {
      died = true
      return this.#gone(cause, 'close')
    }
    await running.call<void>('close', [], whenEnded).catch((error: unknown) => {
      if (!died) throw error
    })
  }

  /** Ends it where it stands. */
  async terminate(): Promise<void> {
    this.#closed = true
    await this.#running?.terminate()
  }

  async #restart(): Promise<RunningThread> {
    if (this.#closed) throw new AuditError('closed', `The ${this.#options.name} thread is closed.`)
    if (performance.now() - this.#startedAt < threadLimits.restartIntervalMs && this.#trouble !== undefined)
      throw this.#trouble
    try {
      this.#options.beforeRestart?.()
      this.#running = (await this.#start()).running
    } catch (error) {
      this.#tell(error instanceof AuditError ? error : this.#gone(error as Error, ''))
      throw this.#trouble!
    }
    this.#tell(undefined)
    return this.#running
  }

  async #start(): Promise<{ running: RunningThread; opened: Opened }> {
    const { module, name, workerData } = this.#options
    this.#startedAt = performance.now()
    const running = new RunningThread(module, name, workerData, (cause) => {
      if (this.#running !== running) return
      this.#running = undefined
      if (!this.#closed) this.#tell(this.#gone(cause, ''))
    })
    try {
      const opened = await running.call<Opened>('open', [], this.#gone)
      this.#options.opened?.(opened)
      return { running, opened }
    } catch (error) {
      await running.terminate()
      throw error
    }
  }

  #tell(trouble: AuditError | undefined): void {
    this.#trouble = trouble
    this.#options.onTrouble?.(trouble)
  }

  readonly #gone: WhenEnded = (cause) =>
    new AuditError('store_unavailable', `The ${this.#options.name} thread has died (${cause.message}).`, {
      hint: 'the next call starts another',
      cause,
    })
}

/** Where the module of a thread lies: beside its caller, with the caller's own ending. */
export const threadModule = (name: string, caller: string): URL =>
  new URL(`${name}${caller.endsWith('.ts') ? '.ts' : '.js'}`, caller)

/** Ctrl-C while work is under way that should end in order. */
import { exitCodes } from './exit-codes.ts'

export interface Interruption {
  /** Aborted at the first Ctrl-C; a second one leaves at once. */
  readonly signal: AbortSignal
  /** From here on Ctrl-C does again what it did before. */
  end(): void
}

export function onInterruption(): Interruption {
  const before = process.listeners('SIGINT')
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort()
  }
  process.removeAllListeners('SIGINT')
  process.on('SIGINT', stop)
  return {
    signal: controller.signal,
    end() {
      process.off('SIGINT', stop)
      for (const listener of before) process.on('SIGINT', listener)
    },
  }
}

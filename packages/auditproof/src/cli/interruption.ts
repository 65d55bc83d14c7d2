/** Ctrl-C, or SIGTERM, while work is under way that should end in order. */
import { exitCodes, type ExitCode } from './exit-codes.ts'

export interface Interruption {
  /** Aborted at the first of them; a second one leaves at once. */
  readonly signal: AbortSignal
  /** What the command ends with for that. */
  readonly exitCode: ExitCode
  /** From here on both do again what they did before. */
  end(): void
}

const exitCodeOf = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const

export function onInterruption(): Interruption {
  const controller = new AbortController()
  let exitCode: ExitCode = exitCodes.interrupted
  const stop = (name: NodeJS.Signals): void => {
    exitCode = exitCodeOf[name as keyof typeof exitCodeOf]
    if (controller.signal.aborted) process.exit(exitCode)
    controller.abort()
  }
  const takeOver = (name: keyof typeof exitCodeOf): (() => void) => {
    const before = process.listeners(name)
    process.removeAllListeners(name)
    process.on(name, stop)
    return () => {
      process.off(name, stop)
      for (const listener of before) process.on(name, listener)
    }
  }
  const giveBack = [takeOver('SIGINT'), takeOver('SIGTERM')]
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode
    },
    end() {
      for (const give of giveBack) give()
    },
  }
}

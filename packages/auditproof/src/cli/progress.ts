/** One line that tells how far long work is: on terminals only, never into a file. */
import { cutTo } from './columns.ts'
import type { Io } from './io.ts'
import { escapeForTerminal } from './terminal.ts'

const intervalMs = 100
const firstAfterMs = 300

export interface Progress {
  show(text: string): void
  /** Clears the line. */
  end(): void
}

export function openProgress(io: Io, stderr: NodeJS.WriteStream = process.stderr): Progress {
  if (!io.notesAreSeen) return { show() {}, end() {} }
  const began = Date.now()
  let shownAt = 0
  return {
    show(text) {
      const now = Date.now()
      if (now - began < firstAfterMs || now - shownAt < intervalMs) return
      shownAt = now
      stderr.write(`\r\x1b[K${cutTo(escapeForTerminal(text), (stderr.columns ?? 80) - 1)}`)
    },
    end() {
      if (shownAt > 0) stderr.write('\r\x1b[K')
      shownAt = 0
    },
  }
}

/** `1,234 a second` since a beginning. */
export function rateSince(began: number, count: number, now: number): string {
  const seconds = Math.max(0.001, (now - began) / 1_000)
  return `${formatCount(Math.round(count / seconds))} a second`
}

export const formatCount = (count: number): string => count.toLocaleString('en-US')

export const plural = (count: number, one: string, many: string = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

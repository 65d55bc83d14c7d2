/** Long results go through a pager, where a person reads them: `$AUDITPROOF_PAGER`, `$PAGER`, or less. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Io } from './io.ts'

/** Short results end by themselves (F), colours are kept (R), the screen is not cleared (X). */
const defaultPager = 'less -FRX'

/** Where results go. */
export interface Output {
  /** As they are: foreign text in it must be escaped. Resolves when there is room for more; not to be called before. */
  write(text: string): Promise<void>
  /** Nobody reads on, as after `q` in less: make no more of it. Not an error. */
  readonly unread: boolean
  /** Waits until the reader has finished. To be called in any case: the terminal is the pager's until then. */
  close(): Promise<void>
}

/**
 * The pager is started by the first write: where there are no results there is none.
 * @param wanted false for `--no-pager`, and for results that do not end
 */
export function openPager(io: Io, env: NodeJS.ProcessEnv, wanted: boolean): Output {
  const command = (env['AUDITPROOF_PAGER'] ?? env['PAGER'] ?? defaultPager).trim()
  const hasPlace = wanted && io.columns !== undefined && env['TERM'] !== 'dumb'
  if (!hasPlace || command === '' || command === 'cat')
    return { write: (text) => io.write(text), unread: false, close: () => Promise.resolve() }
  let pager: Output | undefined
  return {
    write: (text) => (pager ??= startPager(command, io, env)).write(text),
    get unread() {
      return pager?.unread ?? false
    },
    close: async () => pager?.close(),
  }
}

/** What is handed over before the first of this is taken is kept, in case there is no such pager. UTF-16 units. */
const keptUnitsMax = 1_048_576

function startPager(command: string, io: Io, env: NodeJS.ProcessEnv): Output {
  const giveBack = leaveInterruptions()
  // Through a shell, as git does it: the variable holds a command line. Without these two, less and lv show no colours.
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', LV: '-c', ...env },
  })
  const { stdin } = child
  let kept: string[] | undefined = []
  let keptUnits = 0
  let reader: 'pager' | 'none' | 'stdout' = 'pager'
  let broken = false
  stdin.on('error', () => (broken = true)) // EPIPE: it has gone, or never was; how it ends tells which
  const finish = async (): Promise<void> => {
    const code = await new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(notFound))
      child.once('close', resolve)
    })
    giveBack()
    reader = kept !== undefined && (code === notFound || code === notExecutable) ? 'stdout' : 'none'
    if (reader === 'none') return
    io.note(`The pager ${JSON.stringify(command)} could not be started: see AUDITPROOF_PAGER, PAGER and --no-pager.`)
    for (const text of kept!) await io.write(text)
  }
  const ended = finish()
  return {
    get unread() {
      return reader === 'none'
    },
    async write(text) {
      if (broken) await ended
      if (reader !== 'pager') return reader === 'stdout' ? io.write(text) : undefined
      // So much was taken, more than a pipe holds: there is somebody who takes it.
      if (keptUnits > keptUnitsMax) kept = undefined
      keptUnits += text.length
      kept?.push(text)
      if (!stdin.write(text)) await Promise.race([once(stdin, 'drain').catch(() => ended), ended])
    },
    async close() {
      stdin.end()
      await ended
    },
  }
}

/** What shells end with. */
const notFound = 127
const notExecutable = 126

/** Ctrl-C is for the pager: less stops searching, others end, and then nobody reads on. */
function leaveInterruptions(): () => void {
  const before = process.listeners('SIGINT')
  const ignore = (): void => {}
  process.removeAllListeners('SIGINT')
  process.on('SIGINT', ignore)
  return () => {
    process.off('SIGINT', ignore)
    for (const listener of before) process.on('SIGINT', listener)
  }
}

/** Where a command writes: results to stdout, messages to stderr, colour and progress only where a person looks. */
import { styleText } from 'node:util'
import { escapeLines } from './terminal.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

export interface Io {
  /** Results, as they are: foreign text in it must be escaped. Resolves when there is room for more. */
  write(text: string): Promise<void>
  /** A message for the person, escaped here. */
  note(text: string, style?: Style): void
  /** Colours a part of a result, where stdout is a terminal. */
  paint(style: Style, text: string): string
  /** Width of stdout in cells; undefined where it is no terminal. */
  readonly columns: number | undefined
  /** Whether a person sees the messages as they come. */
  readonly notesAreSeen: boolean
  /** When nobody reads the results any more: go on without them, instead of ending quietly. */
  keepGoingUnread(): void
}

export interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
  /** Ends the process at once. */
  exit: (code: number) => void
}

/** @param colourAsked asked at each use: the options are not read yet when this is made */
export function openIo({ stdout, stderr, env, exit }: Streams, colourAsked: () => boolean): Io {
  const coloured = (stream: NodeJS.WriteStream): boolean =>
    stream.isTTY && colourAsked() && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const paintFor = (stream: NodeJS.WriteStream, style: Style, text: string): string =>
    coloured(stream) ? styleText(style, text, { validateStream: false }) : text
  let unread = false
  let goOn = false
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone, as `| head` does: there is nobody to tell.
    unread = true
    if (!goOn || error.code !== 'EPIPE') exit(error.code === 'EPIPE' ? 0 : 5)
  })
  stderr.on('error', () => {}) // nobody hears the messages: the results still count
  return {
    write(text) {
      if (unread || stdout.write(text)) return Promise.resolve()
      return new Promise((resolve) => {
        const done = (): void => {
          for (const event of ['drain', 'close', 'error']) stdout.off(event, done)
          resolve()
        }
        for (const event of ['drain', 'close', 'error']) stdout.once(event, done)
      })
    },
    note(text, style) {
      const safe = escapeLines(text)
      stderr.write(`${style === undefined ? safe : paintFor(stderr, style, safe)}\n`)
    },
    paint: (style, text) => paintFor(stdout, style, text),
    columns: stdout.isTTY ? stdout.columns : undefined,
    notesAreSeen: stderr.isTTY && env['TERM'] !== 'dumb',
    keepGoingUnread() {
      goOn = true
    },
  }
}

/** What every command gets to work with. */
import type { Command } from 'commander'
import type { ExitCode } from './exit-codes.ts'
import { placesOf, type Globals, type Places } from './globals.ts'
import type { Io } from './io.ts'

export interface Cli {
  readonly io: Io
  readonly env: NodeJS.ProcessEnv
  globals(): Globals
  /** @throws AuditError `usage` */
  places(): Places
  /** All of the command, every subcommand loaded and defined. */
  wholeProgram(): Promise<Command>
  /** What the process will exit with; 0 when nothing is said. */
  end(code: ExitCode): void
}

/** A module of `commands/`: gives a command its arguments, options, help and action. */
export interface CommandModule {
  define(command: Command, cli: Cli): void
}

export function openCli(program: Command, rest: Pick<Cli, 'io' | 'env' | 'end' | 'wholeProgram'>): Cli {
  const globals = (): Globals => program.opts<Globals>()
  return { ...rest, globals, places: () => placesOf(globals(), rest.env) }
}

/** A run of the command: options in, exit code out. Commands are loaded when they are called: help stays fast. */
import { Command, CommanderError, Option } from 'commander'
import { openCli, type CommandModule } from './cli.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { openIo, type Io, type Streams } from './io.ts'
import { reportError } from './report-error.ts'
import { version } from './version.ts'

interface Listed {
  name: string
  summary: string
  load: () => Promise<CommandModule>
}

const commands: readonly Listed[] = [
  { name: 'record', summary: 'record an event, or a stream of them', load: () => import('./commands/record.ts') },
  { name: 'import', summary: 'take over events of other systems', load: () => import('./commands/import.ts') },
  { name: 'log', summary: 'list events, the newest last', load: () => import('./commands/log.ts') },
  { name: 'tail', summary: 'follow events as they come', load: () => import('./commands/tail.ts') },
  { name: 'who', summary: 'who deleted or changed it last', load: () => import('./commands/who.ts') },
  { name: 'stats', summary: 'how many, of what, when', load: () => import('./commands/stats.ts') },
  { name: 'show', summary: 'show one event, its changes and its proof', load: () => import('./commands/show.ts') },
  { name: 'verify', summary: 'check the whole store, or a receipt', load: () => import('./commands/verify.ts') },
  {
    name: 'tiles',
    summary: 'write a log as files that other tools can verify',
    load: () => import('./commands/tiles.ts'),
  },
  {
    name: 'checkpoint',
    summary: 'show, list or publish signed checkpoints',
    load: () => import('./commands/checkpoint.ts'),
  },
  { name: 'key', summary: 'show the public key, or make a new pair', load: () => import('./commands/key.ts') },
  { name: 'doctor', summary: 'look for what is wrong, and say what to do', load: () => import('./commands/doctor.ts') },
  {
    name: 'migrate',
    summary: 'make or update the tables in PostgreSQL',
    load: () => import('./commands/migrate.ts'),
  },
  {
    name: 'backup',
    summary: 'copy the store while it is in use, and verify the copy',
    load: () => import('./commands/backup.ts'),
  },
  {
    name: 'restore',
    summary: 'bring a backup back, and tell what is missing',
    load: () => import('./commands/restore.ts'),
  },
  { name: 'serve', summary: 'serve the trail: page, API and logs', load: () => import('./commands/serve.ts') },
  {
    name: 'completion',
    summary: 'print what makes a shell complete commands and options',
    load: () => import('./commands/completion.ts'),
  },
]

const examples = `Examples:
  auditproof record case.update --actor user/u_7 --target case/c_12
  auditproof log --since 7d --actor user/u_7
  auditproof show 01983f… --receipt receipt.tlog-proof
  auditproof verify --key example.vkey
  auditproof serve
`

const ending = `
Exit codes: 0 done, verified · 1 tampered · 2 usage · 3 not checkable · 4 unreadable input
            5 store unreachable · 6 nothing matched (--expect) · 70 a bug here · 130 interrupted · 143 terminated
More on a command: auditproof COMMAND --help`

/** Never throws. @returns the exit code */
export async function runCli(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const { env } = streams
  const program = new Command('auditproof')
  const io = openIo(streams, () => program.opts<{ color: boolean }>().color)
  let exitCode: ExitCode = exitCodes.ok
  try {
    describe(program, streams)
    const defined = new Set<Command>()
    const defineOnce = async (command: Command, load: Listed['load']): Promise<void> => {
      const { define } = await load()
      if (!defined.has(command)) define(command, cli)
      defined.add(command)
    }
    const listed = commands.map(({ name, summary, load }) => ({
      command: program.command(name).description(summary).allowExcessArguments(false),
      load,
    }))
    const cli = openCli(program, {
      io,
      env,
      end: (code) => (exitCode = code),
      wholeProgram: async () => {
        for (const { command, load } of listed) await defineOnce(command, load)
        return program
      },
    })
    program.hook('preSubcommand', async (_program, called) => {
      const one = listed.find(({ command }) => command === called)
      if (one !== undefined) await defineOnce(called, one.load)
    })
    // `help log` is what people type; commander would print it before the command is loaded.
    const args = argv[0] === 'help' ? [...argv.slice(1, 2), '--help'] : [...argv]
    if (args.length === 0) args.push('--help')
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    exitCode = error instanceof CommanderError ? endOfParsing(error, io) : reportError(error, io, env)
  }
  return exitCode
}

function describe(program: Command, { stdout }: Streams): void {
  program
    .description('The audit trail that can be proved.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addOption(new Option('--data <dir>', 'directory of store and keys (AUDITPROOF_DATA; default auditproof-data)'))
    .addOption(
      new Option(
        '--store <url>',
        'where the trail is kept: postgres://user@host/database (AUDITPROOF_STORE; default SQLite in --data)',
      ),
    )
    .addOption(new Option('--tenant <name>', 'whose trail'))
    .addOption(new Option('--signer <dir>', 'directory of signing key and signer state, when not --data'))
    .addOption(new Option('--origin <name>', 'name of a new store, unique in the world (default random)'))
    .addOption(new Option('--allow-owner', 'accept a PostgreSQL login that owns the tables, for development'))
    .addOption(new Option('--no-color', 'no colours (NO_COLOR)'))
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: () => {} }) // errors are told by endOfParsing
    .addHelpText('before', examples) // they lead: they are what people read
    .addHelpText('after', ending)
}

/** What commander could not make sense of, in our words; help and version end well. */
function endOfParsing(error: CommanderError, io: Io): ExitCode {
  if (error.exitCode === 0) return exitCodes.ok
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  io.note(`auditproof: ${message}`, 'red')
  const meant = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(suggestion ?? '')?.[1]
  io.note(meant === undefined ? '  → auditproof --help, or auditproof COMMAND --help' : `  → did you mean ${meant}?`)
  return exitCodes.usage
}

import { inspect } from 'node:util'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { AuditError } from '../../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { plural } from '../progress.ts'
import { noteUnpublished, openAudit, quoted } from '../trail.ts'

interface Options {
  host?: string
  port?: string
  allowHost: string[]
}

const examples = `Examples:
  auditproof serve
  auditproof serve --port 8080 --data /var/lib/auditproof
  auditproof serve --host 0.0.0.0          behind a proxy that does TLS
`

const notes = `
Everything but /healthz and /readyz needs the key in admin.key, as Authorization: Bearer …; the page asks for it once.
Ctrl-C stops accepting, stores and publishes what was accepted, and reports.`

export function define(command: Command, cli: Cli): void {
  command
    .option('--host <host>', 'address to listen on (AUDITPROOF_HOST; default 127.0.0.1)')
    .option('--port <port>', 'port to listen on (AUDITPROOF_PORT; default 4780)')
    .option(
      '--allow-host <name>',
      'further name that a proxy on this machine passes on as Host',
      (name, all: string[]) => [...all, name],
      [],
    )
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action((options: Options) => run(options, cli))
}

async function run(options: Options, cli: Cli): Promise<void> {
  const { io, env } = cli
  const host = options.host ?? (env['AUDITPROOF_HOST'] || '127.0.0.1')
  const port = parsePort(options.port ?? (env['AUDITPROOF_PORT'] || '4780'))
  const places = cli.places()
  const { serve, isLoopback } = await import('../../http/serve.ts')
  const { openSecret } = await import('../../sequencer/key-file.ts')

  const audit = await openAudit(places, cli.globals(), io)
  try {
    const adminKey = Buffer.from(openSecret(places.adminKeyPath)).toString('hex')
    const server = await serve({
      audit,
      adminKey,
      host,
      port,
      allowedHosts: options.allowHost,
      onError: ({ id, error }) =>
        io.note(`error ${id}: ${(env['AUDITPROOF_DEBUG'] ?? '') === '' ? messageOf(error) : inspect(error)}`, 'red'),
    })
    await io.write(greeting(server.url, places.adminKeyPath, places.storePlace))
    if (!isLoopback(host))
      io.note(`! reachable from other machines, without TLS: put a proxy before it that does TLS`, 'yellow')
    const signal = await stopSignal()
    io.note(signal === 'SIGINT' ? '\nStopping …' : 'Stopping …')
    await server.close()
    cli.end(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.ok)
  } finally {
    const { stored, unanswered, unpublished, unclosed } = await audit.close()
    if (stored > 0 || unanswered > 0)
      io.note(`${plural(stored, 'event')} stored${unanswered > 0 ? `, ${unanswered} not answered in time` : ''}.`)
    if (unpublished !== undefined) noteUnpublished(io, unpublished)
    if (unclosed !== undefined) io.note(`! the store is still being closed: ${unclosed}`, 'yellow')
  }
}

const greeting = (url: string, keyPath: string, storePlace: string): string => `auditproof serves the trail on ${url}

  store   ${storePlace}
  key     ${keyPath}    the page asks for it once, the API takes it as a bearer key

Send an event:
  curl ${url}/api/v1/events -H "Authorization: Bearer $(cat ${quoted(keyPath)})" -H 'Content-Type: application/json' \\
    -d '{"action":"hello.world","actor":"user/${safeUser()}"}'

`

/** Who is asked to try it, as an example. */
const safeUser = (): string => /^[A-Za-z0-9_-]{1,32}$/.exec(process.env['USER'] ?? '')?.[0] ?? 'u_7'

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new AuditError('usage', `${JSON.stringify(text)} is not a port.`, {
      hint: 'a number from 0 to 65535; 0 takes any that is free',
    })
  return port
}

/** The first signal stops in order; a second Ctrl-C leaves at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  process.removeAllListeners('SIGINT')
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'))
    process.once('SIGINT', () => {
      process.once('SIGINT', () => process.exit(exitCodes.interrupted))
      resolve('SIGINT')
    })
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The entry point of `auditproof`: the process around a run of the command. */
import { exitCodes } from './exit-codes.ts'
import { runCli } from './run-cli.ts'

// Node would exit with 1, which means tampered here.
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error: unknown) => {
    process.stderr.write(`auditproof: ${error instanceof Error ? error.message : String(error)}\n`)
    if ((process.env['AUDITPROOF_DEBUG'] ?? '') !== '') process.stderr.write(`${String((error as Error).stack)}\n`)
    process.exit(exitCodes.bug)
  })
// Ctrl-C leaves at once: what is acknowledged is durable. `serve` stops in order instead.
process.once('SIGINT', () => process.exit(exitCodes.interrupted))

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  exit: (code) => process.exit(code),
})

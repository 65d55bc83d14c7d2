// `npm run demo`: this repository's own commits as an audit trail, served on loopback until Ctrl-C; then nothing is left.
// From the sources, so that nothing has to be built. Nothing is made up: what the page shows is what git says.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAudit } from '../src/audit.ts'
import { serve } from '../src/http/serve.ts'
import { openSecret } from '../src/sequencer/key-file.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const cli = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const tenant = 'auditproof'
const interruptedCode = 130

if (!existsSync(join(repository, '.git'))) {
  console.error('The demo shows the history of this repository, and there is none here.\n  → clone it with git.')
  process.exit(2)
}
const data = mkdtempSync(join(tmpdir(), 'auditproof-demo-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})

// Opened before the import, which would speak of keeping the new key: this one goes when the demo ends.
const audit = createAudit({ data, tenant })
await audit.ready()
const imported = await importHistory()
if (imported === 0) await serveUntil(stopped)
await audit.close()
process.exit(imported === 0 ? interruptedCode : imported)

/** @returns the exit code; an import that is interrupted stops in order */
async function importHistory(): Promise<number> {
  const args = ['--conditions=auditproof-source', cli, 'import', 'git', repository, '--tenant', tenant, '--data', data]
  const importing = spawn(process.execPath, args, { stdio: 'inherit' })
  void stopped.then(() => importing.kill('SIGINT'))
  return new Promise((resolve) => importing.once('close', (code) => resolve(code ?? interruptedCode)))
}

async function serveUntil(end: Promise<void>): Promise<void> {
  const keyPath = join(data, 'admin.key')
  // For one browser, once, within ten minutes: the key itself stays in its file.
  const oneTimeKey = randomBytes(32).toString('hex')
  const server = await serve({
    audit,
    adminKey: Buffer.from(openSecret(keyPath)).toString('hex'),
    oneTimeKey,
    host: '127.0.0.1',
    port: 0,
    onError: ({ id, error }) => console.error(`error ${id}:`, error),
  })
  console.log(greeting(server.url, oneTimeKey, keyPath))
  await end
  console.error('\nStopping …')
  await server.close()
}

function greeting(url: string, oneTimeKey: string, keyPath: string): string {
  return `
This repository's history, as an audit trail:

  page    ${url}/login?once=${oneTimeKey}
          the link logs in once; afterwards the page asks for the key
  key     ${keyPath}

Press Live on the page, then send an event from another terminal:

  curl ${url}/api/v1/events -H "Authorization: Bearer $(cat ${keyPath})" \\
    -H 'Content-Type: application/json' -d '{"action":"hello.world","actor":"user/u_7"}'

Ctrl-C ends it and removes ${data}.`
}

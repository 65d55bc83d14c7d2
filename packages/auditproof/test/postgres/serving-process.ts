/** A server of its own over a shared store, that records as well: `serving-process.ts URL DATA LABEL COUNT [signs]`. */
import { createAudit } from '../../src/index.ts'
import { serve } from '../../src/http/serve.ts'
import { key } from '../http/served.ts'

const [url = '', data = '', label = '', count = '0', signs] = process.argv.slice(2)
const audit = createAudit({ data, store: url, ...(signs === undefined && { signer: false }) })
await audit.ready()
const server = await serve({
  audit,
  adminKey: key,
  host: '127.0.0.1',
  port: 0,
  onError: ({ error }) => console.error(error),
})
process.stdout.write(`${server.url}\n`)
async function record(): Promise<void> {
  for (let n = 0; n < Number(count); n++) await audit.record('a.b', { id: `${label}-${n}`, tenant: 'shared' })
}

async function stop(): Promise<void> {
  await server.close()
  await audit.close()
  process.exit()
}

// Told when all clients are there.
process.stdin.once('data', () => void record())
process.on('SIGTERM', () => void stop())

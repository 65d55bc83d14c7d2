/** A process that only drains `pending`, until it gets SIGTERM: `sequencer-process.ts URL DATA`. */
import { createAudit } from '../../src/index.ts'
import { postgres } from '../../src/store/postgres/index.ts'

const [url = '', data = ''] = process.argv.slice(2)
const audit = createAudit({ data, store: postgres(url, { connections: 3 }), signer: false })
await audit.ready()
const alive = setInterval(() => {}, 1_000)
process.stdout.write('ready\n')
process.on('SIGTERM', () => {
  clearInterval(alive)
  void audit.close()
})

/** A thread that dies when it is told to: at a call, or at its start while a file named in `workerData` is there. */
import { existsSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { serveThread } from '../../src/thread/serve.ts'

const { deadly } = workerData as { deadly: string }
let opened = false

serveThread({
  open() {
    if (existsSync(deadly)) process.exit(4)
    opened = true
    return 'mortal'
  },
  isOpen: () => opened,
  die: () => process.exit(3),
  close: () => undefined,
})

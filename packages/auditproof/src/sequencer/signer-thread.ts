/** Entry point of the thread that owns the signing key, so that no signature or fsync holds up the application. */
import { workerData } from 'node:worker_threads'
import { serveThread } from '../thread/serve.ts'
import { FileSigner } from './file-signing.ts'
import type { SignRequest } from './signer.ts'

const { directory, newName } = workerData as { directory: string; newName: string | undefined }
let signer: FileSigner | undefined
const opened = (): FileSigner => (signer ??= new FileSigner(directory, newName))

serveThread({
  open: () => opened().describe(),
  sign: (requests: SignRequest[]) => opened().sign(requests),
  states: () => opened().states(),
  close: () => signer?.close(),
})

/** A signer with its key and state in a directory. */
import { AuditError } from '../errors.ts'
import { Thread, threadModule } from '../thread/thread.ts'
import { openKey } from './key-file.ts'
import type { SignedState, Signer, SignResult } from './signer.ts'

type Described = Pick<Signer, 'name' | 'publicKey' | 'vkey'>

const threadName = 'auditproof-signer'

/**
 * @param newName name for a key that may be made when there is none; undefined: there must be one
 * @param onTrouble told when the thread has died or cannot be started, and, with undefined, when there is one again
 * @throws AuditError `key_missing`, `key_malformed`, `store_unavailable`
 */
export async function fileSigner(
  directory: string,
  newName: string | undefined,
  onTrouble?: (thread: string, trouble: AuditError | undefined) => void,
): Promise<Signer> {
  let first: string | undefined
  const thread = new Thread<Described>({
    module: threadModule('./signer-thread', import.meta.url),
    name: threadName,
    workerData: { directory, newName },
    // The key that was there is the only one that may sign on: none is made in its place.
    beforeRestart: () => void openKey(directory, undefined),
    opened({ vkey }) {
      first ??= vkey
      if (vkey !== first)
        throw new AuditError('key_mismatch', `The key in ${directory} is ${vkey} now; it was ${first}.`, {
          hint: 'put the right key back',
        })
    },
    onTrouble: (trouble) => onTrouble?.(threadName, trouble),
  })
  const described = await thread.open()
  let closed: Promise<void> | undefined
  return {
    ...described,
    // Interrupted, it may have signed and kept its state: asked again it gives the same signature.
    sign: (requests) => thread.call<SignResult[]>('sign', requests),
    states: () => thread.call<SignedState[]>('states'),
    close: () => (closed ??= thread.close()),
  }
}

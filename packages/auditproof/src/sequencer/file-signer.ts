/** A signer with its key and state in a directory. */
import { Thread, threadModule } from '../thread/thread.ts'
import type { SignedState, Signer, SignResult } from './signer.ts'

/**
 * @param newName name for a key that may be made when there is none; undefined: there must be one
 * @throws AuditError `key_missing`, `key_malformed`, `store_unavailable`
 */
export async function fileSigner(directory: string, newName: string | undefined): Promise<Signer> {
  const thread = new Thread(threadModule('./signer-thread', import.meta.url), 'auditproof-signer', {
    directory,
    newName,
  })
  const described = await thread
    .call<Pick<Signer, 'name' | 'publicKey' | 'vkey'>>('describe')
    .catch(async (error: unknown) => {
      await thread.terminate()
      throw error
    })
  let closed: Promise<void> | undefined
  return {
    ...described,
    sign: (requests) => thread.call<SignResult[]>('sign', requests),
    states: () => thread.call<SignedState[]>('states'),
    close: () => (closed ??= thread.call<void>('close')),
  }
}

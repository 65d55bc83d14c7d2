/** What a copy of a store holds, and whether it is whole. */
import type { Store } from '../store/store.ts'
import { sqliteStore } from '../store/sqlite/index.ts'
import type { SignedState } from '../sequencer/signer.ts'
import { encodeBase64, parseCheckpoint, parseNote } from '../log/index.ts'
import type { VerifyReport } from '../verify/index.ts'
import { metaTenant } from '../event/index.ts'
import type { Io } from './io.ts'
import { formatCount, openProgress, plural } from './progress.ts'

export interface Holds {
  name: string
  logs: number
  entries: number
  /** The newest of the meta log, which covers those of all others; undefined where none is signed yet. */
  checkpoint: { size: number; root: string } | undefined
}

export async function withCopy<T>(path: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await sqliteStore({ path, name: '', readOnly: true })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

export async function whatItHolds(store: Store): Promise<Holds> {
  const heads = await store.heads()
  const note = heads.find(({ tenant }) => tenant === metaTenant)?.published?.note
  return {
    name: store.name,
    logs: heads.length,
    entries: heads.reduce((sum, { size }) => sum + size, 0),
    checkpoint: note === undefined ? undefined : checkpointOf(note),
  }
}

/** Undefined where it is no note; that is for the verification to say. */
function checkpointOf(note: string): Holds['checkpoint'] {
  try {
    const { size, root } = parseCheckpoint(parseNote(note).text)
    return { size, root: encodeBase64(root) }
  } catch {
    return undefined
  }
}

export async function verifyCopy(
  store: Store,
  key: string | undefined,
  signerStates: readonly SignedState[] | undefined,
  io: Io,
): Promise<VerifyReport> {
  const { verifyStore } = await import('../evidence/index.ts')
  const progress = openProgress(io)
  return verifyStore(store, {
    ...(key !== undefined && { ownKey: key }),
    ...(signerStates !== undefined && { signerStates }),
    onProgress: (done, total) =>
      progress.show(`verifying the copy: ${formatCount(done)} of ${plural(total, 'entry', 'entries')}`),
  }).finally(() => progress.end())
}

export const holdsText = ({ logs, entries, checkpoint }: Holds, bytes: number): string =>
  `${plural(logs, 'log')}, ${plural(entries, 'entry', 'entries')}, ${plural(bytes, 'byte')}\n` +
  (checkpoint === undefined
    ? 'no checkpoint of the meta log in it yet\n'
    : `newest checkpoint of the meta log: ${formatCount(checkpoint.size)} ${checkpoint.root}\n`)

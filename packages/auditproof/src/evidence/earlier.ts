/** What was known of the logs before, apart from the store: older checkpoints that somebody kept, what the signer signed. */
import { parseCheckpoint, parseNote } from '../log/index.ts'
import type { SignedState } from '../sequencer/signer.ts'
import { openSignedNote, type Commitment, type PinnedKey } from '../verify/index.ts'

export interface Earlier {
  /** By origin. */
  readonly commitments: ReadonlyMap<string, readonly Commitment[]>
  /** Notes that nobody vouches for, in words. */
  readonly notChecked: readonly string[]
  /** Earlier checkpoints that the key has signed. */
  readonly signed: number
  /** Earlier checkpoints that were given and could not be compared with: the verdict cannot be better than that. */
  readonly unusable: number
}

/** @throws AuditError `note_malformed`, `checkpoint_malformed` for what is no checkpoint at all */
export async function readEarlier(
  since: readonly string[],
  signerStates: readonly SignedState[],
  key: PinnedKey | undefined,
): Promise<Earlier> {
  const commitments = new Map<string, Commitment[]>()
  const commit = (origin: string, commitment: Commitment): void => {
    const known = commitments.get(origin)
    if (known === undefined) commitments.set(origin, [commitment])
    else known.push(commitment)
  }
  const notChecked: string[] = []
  let signed = 0
  let unusable = 0
  for (const note of since) {
    const { origin } = parseCheckpoint(parseNote(note).text)
    const opened = await openSignedNote(note, origin, key)
    // Of another store, or with a signature that is not good, it says nothing about this one: neither good nor bad.
    if (opened.state === 'bad' || (opened.state === 'not-checked' && key !== undefined)) {
      notChecked.push(`the earlier checkpoint of ${origin}: ${opened.reason}`)
      unusable += 1
    } else {
      const { size, root } = opened.checkpoint
      commit(origin, { size, root, check: 'earlier checkpoints', by: 'the earlier checkpoint' })
      if (opened.state === 'signed') signed += 1
      else notChecked.push(`the signature on the earlier checkpoint of ${origin}: ${opened.reason}`)
    }
  }
  for (const { origin, size, root } of signerStates)
    commit(origin, { size, root, check: 'signer', by: 'what was signed last' })
  return { commitments, notChecked, signed, unusable }
}

/** The checkpoints that a store has of one log, the newest and those kept for good: what they commit the log to. */
import type { LogHead, PublishedCheckpoint, Store } from '../store/store.ts'
import { openSignedNote, type Commitment, type PinnedKey } from '../verify/index.ts'

const checkpointsPerRead = 1000
/** Signatures are verified side by side: WebCrypto has threads of its own. */
const signaturesAtOnce = 64

export interface LogCheckpoints {
  commitments: Commitment[]
  count: number
  /** Why no signature could be checked; undefined where they could. */
  unsigned: string | undefined
  /** Sizes of the first and the largest that is kept; 0 where none is. */
  firstKept: number
  largestKept: number
  /** What is wrong, in words. */
  problems: string[]
}

export async function readCheckpoints(
  store: Store,
  head: LogHead,
  key: PinnedKey | undefined,
): Promise<LogCheckpoints> {
  const found: LogCheckpoints = {
    commitments: [],
    count: 0,
    unsigned: undefined,
    firstKept: 0,
    largestKept: 0,
    problems: [],
  }
  const open = (checkpoint: PublishedCheckpoint, by: string): Promise<void> =>
    openOne(found, head.origin, checkpoint, by, key)
  let newestKept: string | undefined
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const page = await store.checkpoints(head.log, after, checkpointsPerRead)
    for (const { size, previous, note } of page) {
      if (previous !== found.largestKept)
        found.problems.push(`the kept checkpoint over ${size} entries follows one over ${previous}, which is not there`)
      found.firstKept ||= size
      found.largestKept = size
      newestKept = note
    }
    for (let at = 0; at < page.length; at += signaturesAtOnce)
      await Promise.all(page.slice(at, at + signaturesAtOnce).map((kept) => open(kept, 'a kept checkpoint')))
    if (page.length < checkpointsPerRead) break
    after = found.largestKept
  }
  const isKept = head.published?.note === newestKept && head.published?.size === found.largestKept
  if (head.published !== undefined && !isKept) await open(head.published, 'the newest checkpoint')
  return found
}

async function openOne(
  found: LogCheckpoints,
  origin: string,
  { size, note }: PublishedCheckpoint,
  by: string,
  key: PinnedKey | undefined,
): Promise<void> {
  const opened = await openSignedNote(note, origin, key)
  found.count += 1
  if (opened.state === 'bad') {
    found.problems.push(`${by} over ${size} entries: ${opened.reason}`)
    return
  }
  if (opened.state === 'not-checked') found.unsigned = opened.reason
  const { checkpoint } = opened
  if (checkpoint.size !== size)
    found.problems.push(`${by} is stored under size ${size}; it covers ${checkpoint.size} entries`)
  found.commitments.push({ size: checkpoint.size, root: checkpoint.root, check: 'checkpoints', by })
}

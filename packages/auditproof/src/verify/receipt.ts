/**
 * Receipts: a `.tlog-proof` for one event, with its entry and some of its disclosures. Its `extra` is the base64 of
 *
 *     base64url(entry)~disclosure~…~
 *
 * and of nothing else. C2SP signs no byte of that line, so each is bound here: the entry by the leaf hash, each
 * disclosure by its digest in the entry or in the group of changes, the spelling by strict base64.
 */
import { AuditError } from '../errors.ts'
import { decodeEntry, eventMembers, openDisclosures, type Entry, type OpenedGroups } from '../event/index.ts'
import {
  checkInclusion, decodeBase64url, encodeBase64url, formatProofFile, leafHash, parseCheckpoint, parseNote, parseProofFile,
} from '../log/index.ts' // prettier-ignore
import type { Checkpoint, Hash, ProofFile } from '../log/index.ts'
import { openSignedNote, parsePinnedKey, type PinnedKey } from './policy.ts'
import { worstVerdict, type Check, type ReceiptReport, type Verdict } from './report.ts'

export interface Receipt {
  readonly index: number
  readonly entry: Uint8Array
  readonly disclosures: readonly string[]
  /** From the leaf to the root of the checkpoint. */
  readonly proof: readonly Hash[]
  /** Signed note. */
  readonly checkpoint: string
}

export function formatReceipt({ index, entry, disclosures, proof, checkpoint }: Receipt): string {
  const extra = [encodeBase64url(entry), ...disclosures, ''].join('~')
  return formatProofFile({ extra: new TextEncoder().encode(extra), index, proof, checkpoint })
}

/** @throws AuditError `proof_malformed` for what is no receipt */
export function parseReceipt(text: string | Uint8Array): Receipt {
  const { extra, index, proof, checkpoint }: ProofFile = parseProofFile(text)
  if (extra === undefined) throw malformed('it carries no entry')
  const [encoded = '', ...disclosures] = asciiDecoder.decode(extra).split('~')
  const entry = decodeBase64url(encoded)
  if (entry === undefined || entry.length === 0) throw malformed('its entry is not base64url')
  if (disclosures.pop() !== '') throw malformed('its disclosures do not end in "~"')
  if (disclosures.includes('')) throw malformed('it has an empty disclosure')
  return { index, entry, disclosures, proof, checkpoint }
}

/**
 * Believes nothing but the key. Without one the best verdict is `not-checkable`.
 * @throws AuditError for what cannot be read as a receipt at all: `proof_malformed`, `note_malformed`,
 *   `checkpoint_malformed`, `entry_malformed`, `disclosure_malformed`; `key_malformed`
 */
export async function verifyReceipt(text: string | Uint8Array, options: { key?: string } = {}): Promise<ReceiptReport> {
  const key = options.key === undefined ? undefined : parsePinnedKey(options.key)
  const receipt = parseReceipt(text)
  const entry = decodeEntry(receipt.entry)
  const checkpoint = parseCheckpoint(parseNote(receipt.checkpoint).text)

  const { opened, check: disclosed } = checkDisclosures(entry, receipt.disclosures)
  const steps = [disclosed, checkEntryInTree(receipt, checkpoint), await checkSignature(receipt, checkpoint, key)]

  return reportOf(steps, receipt, checkpoint, entry, opened)
}

interface Step extends Check {
  verdict: Verdict
}

function checkDisclosures(entry: Entry, disclosures: readonly string[]): { opened: OpenedGroups; check: Step } {
  try {
    const opened = openDisclosures(entry.digests, disclosures)
    return { opened, check: passed('disclosures', `each of the ${disclosures.length} has its digest in the entry`) }
  } catch (error) {
    const opened = { values: {}, missing: [], missingChanges: 0 }
    return { opened, check: failed('disclosures', error, 'digest_mismatch') }
  }
}

function checkEntryInTree({ entry, index, proof }: Receipt, { size, root }: Checkpoint): Step {
  try {
    checkInclusion({ leafHash: leafHash(entry), index, size, root, proof })
    return passed('inclusion', `the entry is at index ${index} of the tree of ${size}`)
  } catch (error) {
    return failed('inclusion', error, 'proof_invalid', 'proof_malformed')
  }
}

async function checkSignature(
  { checkpoint: note }: Receipt,
  { origin }: Checkpoint,
  key: PinnedKey | undefined,
): Promise<Step> {
  const signature = await openSignedNote(note, origin, key)
  if (signature.state === 'signed') return passed('signature', `the checkpoint is signed by ${key!.name}`)
  if (signature.state === 'not-checked') {
    const detail = key === undefined ? 'signer not pinned' : `the signer of ${origin}: ${signature.reason}`
    return { name: 'signature', ok: false, detail, verdict: 'not-checkable' }
  }
  return { name: 'signature', ok: false, detail: `the signer of ${origin}: ${signature.reason}`, verdict: 'tampered' }
}

function reportOf(
  steps: readonly Step[],
  { index }: Receipt,
  { origin, size }: Checkpoint,
  entry: Entry,
  { values, missing, missingChanges }: OpenedGroups,
): ReceiptReport {
  const verdict = worstVerdict(steps.map((step) => step.verdict))
  const { digests: _digests, ...clear } = entry
  return {
    verdict,
    reason: steps.find((step) => step.verdict === verdict && !step.ok)?.detail ?? null,
    origin,
    index,
    size,
    event: { ...clear, ...eventMembers(values) },
    withheld: missing,
    withheldChanges: missingChanges,
    notChecked: steps.flatMap((step) => (step.verdict === 'not-checkable' ? [step.detail] : [])),
    checks: steps.map(({ name, ok, detail }) => ({ name, ok, detail })),
  }
}

const passed = (name: string, detail: string): Step => ({ name, ok: true, detail, verdict: 'verified' })

/** What was found to be wrong; any other error goes on. */
function failed(name: string, error: unknown, ...codes: string[]): Step {
  if (!(error instanceof AuditError && codes.includes(error.code))) throw error
  return { name, ok: false, detail: error.message, verdict: 'tampered' }
}

// Latin-1 keeps every byte a character of its own, so that none passes for another; what is not ASCII is no base64url.
const asciiDecoder = new TextDecoder('latin1')

const malformed = (what: string): AuditError => new AuditError('proof_malformed', `This is no receipt: ${what}.`)

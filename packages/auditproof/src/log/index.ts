/** auditproof/log: transparency logs of RFC 6962 and c2sp.org, bytes in, bytes out. Knows nothing of events. */
export { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from './base64.ts'
export {
  type Checkpoint,
  type OpenedCheckpoint,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from './checkpoint.ts'
export {
  type Cosignature,
  cosignatureMessage,
  formatCosignature,
  parseCosignature,
  verifyCosignature,
} from './cosignature.ts'
export { isGoodPublicKey, verifyEd25519 } from './ed25519.ts'
export { decodeEntryBundle, encodeEntryBundle, entryBytesMax } from './entry-bundle.ts'
export { type Hash, emptyRoot, hashBytes, leafHash, nodeHash, sameHash } from './hash.ts'
export { decodeHex, encodeHex } from './hex.ts'
export {
  type SignatureType,
  type VerifierKey,
  formatKeyId,
  formatVkey,
  isKeyName,
  keyIdOf,
  parseVkey,
  signatureTypes,
  vkeyFor,
} from './key.ts'
export { type NoteSigner, signNote } from './note-sign.ts'
export {
  type Note,
  type NoteSignature,
  type NoteVerifier,
  formatNote,
  formatSignature,
  noteBytesMax,
  noteSignaturesMax,
  parseNote,
  parseSignature,
  signaturesBy,
  verifyNote,
} from './note.ts'
export {
  type ProofFile,
  checkProofFile,
  formatProofFile,
  parseProofFile,
  proofFileBytesMax,
  proofHashesMax,
} from './proof-file.ts'
export {
  type ConsistencyClaim,
  type InclusionClaim,
  type NodeReader,
  type ProofPlan,
  checkConsistency,
  checkInclusion,
  consistencyPlan,
  inclusionPlan,
  proofFromNodes,
  proveConsistency,
  proveInclusion,
  subtreeConsistencyPlan,
  subtreeInclusionPlan,
} from './proof.ts'
export { type SignerKey, formatSkey, parseSkey } from './skey.ts'
export {
  type Node,
  type Range,
  coveringSubtrees,
  hashOfNodes,
  isSubtree,
  nodesOfRange,
  nodesOfRoot,
} from './subtree.ts'
export {
  type Tile,
  type TileName,
  hashFromTile,
  parseTilePath,
  tileOfNode,
  tilePath,
  tileRoot,
  tileWidth,
  tileWidthMax,
  tilesOfNodes,
  tilesOfSize,
} from './tile.ts'
export {
  type Edge,
  type NodeObserver,
  appendAllToEdge,
  appendToEdge,
  edgeOf,
  emptyEdge,
  rootFromLeaves,
  rootOf,
} from './tree.ts'
export { noteVerifier } from './verifier.ts'

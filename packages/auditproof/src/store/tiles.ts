/** Hashes of complete subtrees, and proofs from them, out of whatever serves C2SP tiles. */
import { consistencyPlan, hashFromTile, hashOfNodes, inclusionPlan, nodesOfRoot, proofFromNodes, tileOfNode } from '../log/index.ts'
import type { Hash, Node, ProofPlan, Tile } from '../log/index.ts'

/** Gives the bytes of a tile; called once for each. */
export type ReadTile = (tile: Tile) => Uint8Array

export const proveConsistencyFromTiles = (from: number, to: number, readTile: ReadTile): Hash[] =>
  proofFromTiles(consistencyPlan(from, to), to, readTile)

export const proveInclusionFromTiles = (index: number, size: number, readTile: ReadTile): Hash[] =>
  proofFromTiles(inclusionPlan(index, size), size, readTile)

/** The root that a log had at an earlier size. */
export const rootFromTiles = (size: number, readTile: ReadTile): Hash =>
  hashOfNodes(hashesOf(nodesOfRoot(size), size, readTile))

const proofFromTiles = (plan: ProofPlan, size: number, readTile: ReadTile): Hash[] =>
  proofFromNodes(plan, hashesOf(plan.flat(), size, readTile))

function hashesOf(nodes: readonly Node[], size: number, readTile: ReadTile): Hash[] {
  const tiles = new Map<string, Uint8Array>()
  return nodes.map((node) => {
    const tile = tileOfNode(node, size)
    const name = `${tile.level}/${tile.index}`
    let bytes = tiles.get(name)
    if (bytes === undefined) tiles.set(name, (bytes = readTile(tile)))
    return hashFromTile(node, bytes)
  })
}

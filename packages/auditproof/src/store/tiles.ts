/** Consistency proofs out of the tiles of a store, synchronously. */
import { consistencyPlan, hashFromTile, proofFromNodes, tileOfNode, type Hash, type Tile } from '../log/index.ts'

/** Gives the bytes of a tile; called once for each. */
export type ReadTile = (tile: Tile) => Uint8Array

export function proveConsistencyFromTiles(from: number, to: number, readTile: ReadTile): Hash[] {
  const plan = consistencyPlan(from, to)
  const tiles = new Map<string, Uint8Array>()
  const hashes = plan.flat().map((node) => {
    const tile = tileOfNode(node, to)
    const name = `${tile.level}/${tile.index}`
    let bytes = tiles.get(name)
    if (bytes === undefined) tiles.set(name, (bytes = readTile(tile)))
    return hashFromTile(node, bytes)
  })
  return proofFromNodes(plan, hashes)
}

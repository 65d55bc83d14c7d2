/** The nodes of the search index that lie under no other, where a search begins; in the order of the list. */
import { leafWidth, nodeWidth } from '../offsets.ts'
import { answerOf, type Asking } from '../asking.ts'
import type { SearchRows, TopNode } from './rows.ts'
import type { WalkOptions } from './walk.ts'

const nodesPerRead = 100

/** Over all tenants a hundred at a time: most pages need no more. */
export class TopNodes {
  readonly #rows: SearchRows
  readonly #options: WalkOptions
  #read: TopNode[] = []
  #taken = 0
  #isEnd = false

  constructor(rows: SearchRows, options: WalkOptions) {
    this.#rows = rows
    this.#options = options
  }

  *next(): Asking<TopNode | undefined> {
    if (this.#taken === this.#read.length && !this.#isEnd) yield* this.#readOn()
    return this.#read[this.#taken++]
  }

  *#readOn(): Asking<void> {
    const { selection, descending, after } = this.#options
    if (selection.tenant !== undefined) {
      this.#read = this.#inOrder(yield* answerOf(this.#rows.topNodesOf(selection.tenant)))
      this.#isEnd = true
      return
    }
    this.#read = yield* answerOf(this.#rows.topNodes(selection, descending, after, this.#read.at(-1), nodesPerRead))
    this.#isEnd = this.#read.length < nodesPerRead
    this.#taken = 0
  }

  /** Of one tenant there are a few for each level. */
  #inOrder(nodes: readonly TopNode[]): TopNode[] {
    const { order, descending } = this.#options
    const place = ({ n, level, earliest, latest }: TopNode): number =>
      order === 'index' ? n * leafWidth * nodeWidth ** level : descending ? latest : earliest
    return nodes.toSorted((a, b) => (descending ? place(b) - place(a) : place(a) - place(b)))
  }
}

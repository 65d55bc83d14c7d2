/** The search grammar that command line, API and page share: pure, and fit for a browser. */
export { parseAddress, parseNetwork, type Network } from '../event/address.ts'
export { applyCompletion, complete, type Completion } from './complete.ts'
export { describeKey } from './describe-key.ts'
export { formatQuery } from './format.ts'
export { queryLimits } from './limits.ts'
export { nearest } from './nearest.ts'
export { parseQuery } from './parse.ts'
export {
  isQueryKey, queryKeys, vocabularies, type Comparison, type KeyTerm, type Query, type QueryKey, type Term,
  type WordTerm,
} from './query.ts' // prettier-ignore
export { spanOf, type Span } from './span.ts'
export { parseWhen } from './when.ts'

/** Reading: events and pages of them, for command line, API and page. */
export { contextLines } from './context-lines.ts'
export { readEvent, type FoundEvent, type ReadEvent } from './event.ts'
export { filterNames, parseFilter, unknownName, type Filter } from './filter.ts'
export { listEvents, listLimits, listRows, type ListRequest, type RowPage } from './list.ts'
export { nearest } from '../query/nearest.ts'
export { describeValue, fieldOf, nameOfActor, sentenceOf } from './sentence.ts'
export { visibleJson, visibleText } from './visible.ts'

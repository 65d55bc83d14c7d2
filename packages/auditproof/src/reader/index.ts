/** Reading: events and pages of them, for command line, API and page. */
export { contextLines } from './context-lines.ts'
export { csvColumns } from './csv-columns.ts'
export { csvHeader, csvRow } from './csv.ts'
export { readEvent, type FoundEvent, type ReadEvent } from './event.ts'
export { filterNames, parseFilter, unknownName, type Filter } from './filter.ts'
export { Followers, type Followed, type Following, type FollowOptions } from './follow/follow.ts'
export { history, who, type WhoReport } from './history.ts'
export {
  listEvents,
  listLimits,
  listRows,
  type EventPage,
  type ListRequest,
  type RowPage,
  type Source,
} from './list.ts'
export { nearest } from '../query/nearest.ts'
export { describeValue, fieldOf, nameOfActor, sentenceOf } from './sentence.ts'
export { visibleJson, visibleText } from './visible.ts'
export { survey, surveyLimits, type FacetName, type SurveyReport, type SurveyRequest } from './survey.ts'

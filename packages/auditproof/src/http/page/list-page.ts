/** The list: newest first, the search in the address, each row a link to its event; a script lets it follow live. */
import { html } from 'hono/html'
import type { Filter, RowPage, SurveyReport } from '../../reader/index.ts'
import type { Parameters } from '../parameters.ts'
import { frame, type Html } from './frame.ts'
import { rowOfList, tableRow } from './row.ts'
import { searchForm, type SearchForm } from './search-form.ts'

export interface ListPageOptions extends SearchForm {
  storeName: string
  filter: Filter
  page: RowPage
  /** How many there are in all, within a bound. */
  survey: Pick<SurveyReport, 'count' | 'complete'> | undefined
  /** Which one the first row is, from 1: as the address says. */
  first: number
  /** Where the list goes on live; undefined on pages of older events. */
  liveCursor: string | undefined
  /** Where this server is reached, for the first event. */
  url: string
}

export const listPage = (options: ListPageOptions): Html =>
  frame({
    title: 'Events',
    storeName: options.storeName,
    hasScript: options.liveCursor !== undefined,
    body: html`<h1>Events</h1>
      ${searchForm(options)} ${options.problem === undefined ? found(options) : ''}`,
  })

const found = (options: ListPageOptions): Html =>
  html`${toolbar(options)}
    <div class="panel" id="events" ${live(options)}>
      ${options.page.rows.length === 0 ? html`<div class="note" id="nothing">${nothing(options)}</div>` : ''}
      ${table(options)}
    </div>
    ${pageLinks(options)}`

/** What the script needs: where the stream is, and from where it goes on. */
function live({ typed, filter, liveCursor }: ListPageOptions): Html {
  if (liveCursor === undefined) return html``
  return html`data-stream="/live?${addressOf(typed)}" data-cursor="${liveCursor}"
  data-tenants="${filter.tenant === undefined ? 'shown' : 'hidden'}"`
}

/** What belongs to the script is hidden until it runs: without it the page is as good as before. */
function toolbar(options: ListPageOptions): Html {
  return html`<div class="toolbar">
      <p class="count" id="count">${countLine(options)}</p>
      ${
        options.liveCursor === undefined
          ? ''
          : html`<p class="live-state" id="live-state" role="status"></p>
              <button type="button" id="live" aria-pressed="false" hidden>
                <span class="dot" aria-hidden="true"></span>Live
              </button>`
      }
    </div>
    ${options.liveCursor === undefined ? '' : html`<button type="button" class="main" id="arrived" hidden></button>`}`
}

function countLine({ page, survey, first }: ListPageOptions): string {
  const shown = page.rows.length
  if (shown === 0 || survey === undefined) return ''
  // Others may have come since the list was begun, so that there are more than were counted.
  const all = survey.complete && page.next === undefined ? first + shown - 1 : Math.max(survey.count, first + shown - 1)
  const total = `${all.toLocaleString('en')}${survey.complete ? '' : '+'}`
  const missing = page.unindexed === undefined ? '' : ` · ${page.unindexed.toLocaleString('en')} not yet found by words`
  return `${first.toLocaleString('en')}–${(first + shown - 1).toLocaleString('en')} of ${total}${missing}`
}

function table({ page, filter }: ListPageOptions): Html {
  const withTenant = filter.tenant === undefined
  return html`<table class="events" ${page.rows.length === 0 ? html`hidden` : ''}>
    <thead>
      <tr>
        <th scope="col">When (UTC)</th>
        ${withTenant ? html`<th scope="col">Tenant</th>` : ''}
        <th scope="col">What happened</th>
        <th scope="col">Target</th>
        <th scope="col">Who</th>
      </tr>
    </thead>
    <tbody>
      ${page.rows.map((row) => tableRow(rowOfList(row), withTenant))}
    </tbody>
  </table>`
}

function nothing({ filter, url, liveCursor, page }: ListPageOptions): Html {
  if (page.next !== undefined)
    return html`<p><strong>Nothing among these events</strong></p>
      <p>Older ones are searched on the next page.</p>`
  if (filter.tenant !== undefined || filter.query.terms.length > 0)
    return html`<p><strong>No event matches</strong></p>
      <p>
        Who and target are written type/id, such as <code>user/u_7</code>, or by their id or name alone; a
        <code>*</code> at the end matches any ending.
      </p>
      <p><a href="/">Show all events</a></p>`
  if (liveCursor === undefined) return html`<p><strong>No older events</strong></p>`
  return html`<p><strong>No events yet</strong></p>
    <p>Send the first one, where the data directory is:</p>
    <pre>
curl ${url}/api/v1/events -H "Authorization: Bearer $(cat auditproof-data/admin.key)" \\
  -H 'Content-Type: application/json' -d '{"action":"hello.world","actor":"user/u_7"}'</pre>`
}

function pageLinks({ page, typed, first, liveCursor }: ListPageOptions): Html {
  const { length } = page.rows
  const older = page.next === undefined ? '' : addressOf({ ...typed, cursor: page.next, n: String(first + length) })
  return html`<nav class="pages" aria-label="Pages">
    ${older === '' ? '' : html`<a class="button" id="older" rel="next" href="/?${older}">Older events</a>`}
    ${liveCursor !== undefined ? '' : html`<a class="button" href="/?${addressOf(typed)}">Newest</a>`}
    ${
      length === 0 && older === ''
        ? ''
        : html`<a class="button" href="/events.csv?${addressOf(typed)}" download>Download CSV</a
            ><span>By when they happened, newest first.</span>`
    }
  </nav>`
}

const addressOf = (given: Parameters): string => new URLSearchParams(given).toString()

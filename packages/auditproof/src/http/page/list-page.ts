/** The list: newest first, filters in the address, each row a link to its event. */
import { html } from 'hono/html'
import { visibleText, type Filter, type RowPage } from '../../reader/index.ts'
import type { ListRow } from '../../store/search.ts'
import { frame, type Html } from './frame.ts'
import { timeTag } from './time.ts'

export interface ListPageOptions {
  storeName: string
  /** What the form shows: as it was typed. */
  typed: { readonly [name: string]: string }
  filter: Filter
  page: RowPage
  /** Whether this page begins at the newest event. */
  isFirst: boolean
  /** For the tenants' field; a few. */
  tenants: readonly string[]
  problem?: { message: string; hint?: string | undefined } | undefined
  /** Where this server is reached, for the first event. */
  url: string
}

export const listPage = (options: ListPageOptions): Html =>
  frame({
    title: 'Events',
    storeName: options.storeName,
    body: html`<h1>Events</h1>
      ${filterForm(options)} ${options.problem === undefined ? found(options) : problem(options.problem)}`,
  })

const problem = ({ message, hint }: NonNullable<ListPageOptions['problem']>): Html =>
  html`<p class="alert" role="alert">
    ${visibleText(message)}${hint === undefined ? '' : html`<br />→ ${visibleText(hint)}`}
  </p>`

const found = (options: ListPageOptions): Html =>
  html`<div class="panel">${options.page.rows.length === 0 ? nothing(options) : table(options)}</div>
    ${pageLinks(options)}`

const fields: readonly [name: string, label: string, placeholder: string][] = [
  ['actor', 'Who', 'user/u_7'],
  ['action', 'Action', 'case.*'],
  ['target', 'Target', 'case/c_12'],
]
const times: readonly [name: string, label: string, placeholder: string][] = [
  ['since', 'Since', '7d, 2026-03-01'],
  ['until', 'Until', 'now'],
]

function filterForm({ typed, tenants }: ListPageOptions): Html {
  const field = ([name, label, placeholder]: readonly [string, string, string]): Html =>
    html`<label
      >${label}<input
        name="${name}"
        value="${typed[name] ?? ''}"
        placeholder="${placeholder}"
        autocomplete="off"
        spellcheck="false"
    /></label>`
  const outcome = typed['outcome'] ?? ''
  return html`<form class="filter" method="get" action="/" aria-label="Filter">
    <label
      >Tenant<input
        name="tenant"
        value="${typed['tenant'] ?? ''}"
        placeholder="all"
        list="tenants"
        autocomplete="off"
        spellcheck="false"
    /></label>
    <datalist id="tenants">${tenants.map((tenant) => html`<option value="${tenant}"></option>`)}</datalist>
    ${fields.map(field)}
    <label
      >Outcome<select name="outcome">
        ${['', 'success', 'failure', 'denied', 'unknown'].map(
          (value) =>
            html`<option value="${value}" ${value === outcome ? html` selected` : ''}>
              ${value === '' ? 'any' : value}
            </option>`,
        )}
      </select></label
    >
    ${times.map(field)}
    <div class="actions">
      <button class="main">Filter</button
      >${Object.values(typed).some((value) => value !== '') ? html`<a class="button" href="/">Clear</a>` : ''}
    </div>
  </form>`
}

function table({ page, filter }: ListPageOptions): Html {
  const withTenant = filter.tenant === undefined
  return html`<table class="events">
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
      ${page.rows.map((row) => tableRow(row, withTenant))}
    </tbody>
  </table>`
}

function tableRow(row: ListRow, withTenant: boolean): Html {
  const { occurredAt, action, outcome, actor, actorName, target, targetName } = row.summary
  return html`<tr>
    <td class="when"><a href="${eventPath(row)}">${occurredAt === null ? 'erased' : timeTag(`${occurredAt}Z`)}</a></td>
    ${withTenant ? html`<td data-label="Tenant">${visibleText(row.tenant)}</td>` : ''}
    <td>
      <span class="what">${action ?? erased}</span
      >${outcome === null || outcome === 'success' ? '' : html`<span class="badge ${outcome}">${outcome}</span>`}
    </td>
    <td data-label="Target">${named(targetName, target)}</td>
    <td data-label="Who">${named(actorName, actor)}</td>
  </tr>`
}

export const eventPath = ({ id, tenant }: { id: string; tenant: string }): string =>
  `/events/${encodeURIComponent(id)}?tenant=${encodeURIComponent(tenant)}`

const erased = html`<span class="erased">erased</span>`

/** The name people know, and the id beneath it. */
export function named(name: string | null | undefined, id: string | null | undefined): Html {
  if (name === null || name === undefined) return html`${visibleText(id ?? '–')}`
  return html`${visibleText(name)}${id === null || id === undefined ? '' : html`<span class="id">${visibleText(id)}</span>`}`
}

function nothing({ filter, url, isFirst, page }: ListPageOptions): Html {
  if (page.next !== undefined)
    return html`<div class="note">
      <p><strong>Nothing among these events</strong></p>
      <p>Older ones are searched on the next page.</p>
    </div>`
  if (filter.tenant !== undefined || filter.query.terms.length > 0)
    return html`<div class="note">
      <p><strong>No event matches</strong></p>
      <p>
        Who and target are written type/id, such as <code>user/u_7</code>; a <code>*</code> at the end matches any
        ending.
      </p>
      <p><a href="/">Show all events</a></p>
    </div>`
  if (!isFirst)
    return html`<div class="note">
      <p><strong>No older events</strong></p>
    </div>`
  return html`<div class="note">
    <p><strong>No events yet</strong></p>
    <p>Send the first one, where the data directory is:</p>
    <pre>
curl ${url}/api/v1/events -H "Authorization: Bearer $(cat auditproof-data/admin.key)" \\
  -H 'Content-Type: application/json' -d '{"action":"hello.world","actor":"user/u_7"}'</pre>
  </div>`
}

function pageLinks({ page, typed, isFirst }: ListPageOptions): Html {
  const link = (cursor: string | undefined): string => {
    const query = new URLSearchParams(Object.entries(typed).filter(([, value]) => value !== ''))
    if (cursor !== undefined) query.set('cursor', cursor)
    return `/?${query.toString()}`
  }
  return html`<nav class="pages" aria-label="Pages">
    ${page.next === undefined ? '' : html`<a class="button" rel="next" href="${link(page.next)}">Older events</a>`}
    ${isFirst ? '' : html`<a class="button" href="${link(undefined)}">Newest</a>`}
    ${page.rows.length === 0 ? '' : html`<span>By when they happened, newest first.</span>`}
  </nav>`
}

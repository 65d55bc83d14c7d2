/** The search box, and beneath it what is wrong with what was typed, or what can be typed. */
import { html } from 'hono/html'
import { describeKey, queryKeys } from '../../query/index.ts'
import { visibleText } from '../../reader/index.ts'
import type { TextPlace } from '../../errors.ts'
import type { Parameters } from '../parameters.ts'
import type { Html } from './frame.ts'

export interface SearchForm {
  /** What stands in the address: as it was typed. */
  typed: Parameters
  /** Offered for the tenant; a few. */
  tenants: readonly string[]
  problem?: SearchProblem | undefined
}

export interface SearchProblem {
  message: string
  hint?: string | undefined
  place?: TextPlace | undefined
}

const ranges: readonly [value: string, label: string][] = [
  ['', 'Any time'],
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
]

/** What has a field of its own; the rest of an address is shown as chips. */
const fields = ['q', 'tenant', 'since']

export function searchForm({ typed, tenants, problem }: SearchForm): Html {
  const { q = '', tenant = '', since = '' } = typed
  const others = Object.entries(typed).filter(([name]) => !fields.includes(name))
  const offered = ranges.some(([value]) => value === since) ? ranges : [...ranges, [since, `Since ${since}`] as const]
  return html`<form class="search" method="get" action="/" role="search">
      <label class="box"
        >Search<input
          type="search"
          name="q"
          value="${q}"
          placeholder='action:case.* -outcome:success "Müller"'
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          ${problem === undefined ? '' : html`aria-invalid="true" aria-describedby="problem"`}
      /></label>
      <label
        >Tenant<input
          name="tenant"
          value="${tenant}"
          placeholder="all"
          list="tenants"
          autocomplete="off"
          spellcheck="false"
      /></label>
      <datalist id="tenants">${tenants.map((one) => html`<option value="${one}"></option>`)}</datalist>
      <label
        >When<select name="since">
          ${offered.map(
            ([value, label]) =>
              html`<option value="${value}" ${value === since ? html`selected` : ''}>${visibleText(label)}</option>`,
          )}
        </select></label
      >
      ${others.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <div class="actions">
        <button class="main">Search</button
        >${Object.keys(typed).length > 0 ? html`<a class="button" href="/">Clear</a>` : ''}
      </div>
    </form>
    ${others.length === 0 ? '' : chips(typed, others)} ${problem === undefined ? '' : alert(q, problem)} ${help}`
}

/** Each a link to the same list without it. */
function chips(typed: Parameters, others: readonly [string, string][]): Html {
  const without = (name: string): string => {
    const rest = Object.entries(typed).filter(([other]) => other !== name)
    return `/?${new URLSearchParams(rest).toString()}`
  }
  return html`<p class="chips">
    ${others.map(
      ([name, value]) =>
        html`<a class="chip" href="${without(name)}" aria-label="Without ${visibleText(`${name} ${value}`)}"
          ><b>${visibleText(name)}</b> ${visibleText(value)} <span aria-hidden="true">✕</span></a
        > `,
    )}
  </p>`
}

function alert(q: string, { message, hint, place }: SearchProblem): Html {
  return html`<div class="alert" id="problem" role="alert">
    <p>${visibleText(message)}</p>
    ${place === undefined ? '' : marked(q, place)} ${hint === undefined ? '' : html`<p>→ ${visibleText(hint)}</p>`}
  </div>`
}

/** The query with the piece that is wrong; nothing where the piece is not of the search box. */
function marked(q: string, { offset, piece }: TextPlace): Html {
  const end = offset + piece.length
  if (q.slice(offset, end) !== piece) return html``
  return html`<p class="query">
    <span>${visibleText(q.slice(0, offset))}</span><mark>${visibleText(piece === '' ? ' ' : piece)}</mark
    ><span>${visibleText(q.slice(end))}</span>
  </p>`
}

const help = html`<details class="help">
  <summary>What can be searched</summary>
  <p>
    Words and <code>"phrases in quotes"</code>, and the keys below. All of them must hold; the same key twice means one
    of the values. <code>-</code> in front excludes, <code>*</code> at the end matches any ending. Times are UTC.
  </p>
  <dl>
    ${queryKeys.map(
      (key) =>
        html`<dt><code>${key}:</code></dt>
          <dd>${describeKey(key)}</dd>`,
    )}
  </dl>
</details>`

/** One event as the list shows it: text that is fit to be looked at, for the server's table and for the page's script. */
import { html } from 'hono/html'
import { formatReference } from '../../event/index.ts'
import { visibleText, type ReadEvent } from '../../reader/index.ts'
import type { ListRow } from '../../store/search.ts'
import type { Html } from './frame.ts'
import { shownTime, timeTag } from './time.ts'

/** Null: erased, or nothing of the kind. The script in live.js reads it as JSON. */
export interface Row {
  path: string
  /** RFC 3339, and as it is shown. */
  time: readonly [string, string] | null
  tenant: string
  action: string | null
  /** Only what is not a success. */
  outcome: string | null
  /** The name people know, and the id. */
  target: Named
  actor: Named
}

export type Named = readonly [name: string | null, id: string | null]

export function rowOfList({ id, tenant, summary }: ListRow): Row {
  const { occurredAt, action, outcome, actor, actorName, target, targetName } = summary
  return rowOf({
    id,
    tenant,
    occurredAt: occurredAt === null ? null : `${occurredAt}Z`,
    action,
    outcome,
    actor: [actorName, actor],
    target: [targetName, target],
  })
}

export function rowOfEvent({ id, tenant, occurredAt, action, outcome, actor, targets = [] }: ReadEvent): Row {
  const [target] = targets
  return rowOf({
    id,
    tenant,
    occurredAt: occurredAt ?? null,
    action: action ?? null,
    outcome: outcome ?? null,
    actor: [actor?.name ?? null, actor === undefined ? null : formatReference(actor)],
    target: [target?.name ?? null, target === undefined ? null : formatReference(target)],
  })
}

interface Told {
  id: string
  tenant: string
  occurredAt: string | null
  action: string | null
  outcome: string | null
  actor: Named
  target: Named
}

const rowOf = ({ id, tenant, occurredAt, action, outcome, actor, target }: Told): Row => ({
  path: eventPath({ id, tenant }),
  time: occurredAt === null ? null : [occurredAt, shownTime(occurredAt)],
  tenant: visibleText(tenant),
  action: action === null ? null : visibleText(action),
  outcome: outcome === 'success' ? null : outcome,
  target: [shown(target[0]), shown(target[1])],
  actor: [shown(actor[0]), shown(actor[1])],
})

const shown = (text: string | null): string | null => (text === null ? null : visibleText(text))

export const eventPath = ({ id, tenant }: { id: string; tenant: string }): string =>
  `/events/${encodeURIComponent(id)}?tenant=${encodeURIComponent(tenant)}`

export function tableRow({ path, time, tenant, action, outcome, target, actor }: Row, withTenant: boolean): Html {
  return html`<tr>
    <td class="when"><a href="${path}">${time === null ? 'erased' : timeTag(time[0])}</a></td>
    ${withTenant ? html`<td data-label="Tenant">${tenant}</td>` : ''}
    <td>
      <span class="what">${action ?? html`<span class="erased">erased</span>`}</span
      >${outcome === null ? '' : html`<span class="badge ${outcome}">${outcome}</span>`}
    </td>
    <td data-label="Target">${named(target)}</td>
    <td data-label="Who">${named(actor)}</td>
  </tr>`
}

/** The name, and the id beneath it. */
export function named([name, id]: Named): Html {
  if (name === null) return html`${id ?? '–'}`
  return html`${name}${id === null ? '' : html`<span class="id">${id}</span>`}`
}

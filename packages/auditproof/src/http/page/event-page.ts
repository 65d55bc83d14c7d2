/** One event: the sentence, who and where, what changed, the proof, and all of it as JSON. */
import { html } from 'hono/html'
import type { Change, Json } from '../../event/index.ts'
import {
  contextLines,
  describeValue,
  fieldOf,
  nameOfActor,
  sentenceOf,
  type FoundEvent,
  type ReadEvent,
  visibleJson,
  visibleText,
} from '../../reader/index.ts'
import { frame, type Html } from './frame.ts'
import { eventPath, named as namedText, type Named } from './row.ts'
import { timeTag } from './time.ts'

export function eventPage(storeName: string, { event, head }: FoundEvent): Html {
  const sentence = visibleText(sentenceOf(event))
  const isPublished = (head.published?.size ?? 0) > event.index
  return frame({
    title: sentence,
    storeName,
    body: html`<p><a href="/">← Events</a></p>
      <h1>${sentence}</h1>
      ${event.problem === undefined ? '' : html`<p class="alert" role="alert">What is stored contradicts itself: ${visibleText(event.problem)} Run auditproof verify.</p>`}
      <div class="panel"><dl class="own">${summary(event)}</dl></div>
      ${changes(event)} ${details(event)}
      <h2>Proof</h2>
      <div class="panel">
        <dl>
          <dt>Id</dt>
          <dd class="mono">${event.id}</dd>
          <dt>Log</dt>
          <dd class="mono">${event.log}</dd>
          <dt>Index</dt>
          <dd>${event.index} of ${head.size}</dd>
          <dt>Leaf hash</dt>
          <dd class="mono">${event.leafHash}</dd>
          <dt>Checkpoint</dt>
          <dd>
            ${isPublished ? `under the signed checkpoint of size ${head.published!.size}` : 'not under a signed checkpoint yet; a receipt makes one'};
            said by this server, not checked here
          </dd>
        </dl>
      </div>
      <p><a class="button" href="${receiptPath(event)}" download>Download receipt</a></p>
      <p>It proves this event to whoever has the public key: <code>auditproof verify FILE --key KEY</code></p>
      <h2>Raw</h2>
      <details class="panel">
        <summary>The event as JSON</summary>
        <pre tabindex="0">${visibleJson(event, 2)}</pre>
      </details>`,
  })
}

const receiptPath = (event: ReadEvent): string => eventPath(event).replace('?', '/receipt?')

function summary(event: ReadEvent): Html[] {
  const { actor, targets = [], scope = [], outcome, reason, context, origin, erased } = event
  const line = (label: string, value: string | Html): Html =>
    html`<dt>${visibleText(label)}</dt>
      <dd>${typeof value === 'string' ? visibleText(value) : value}</dd>`
  const time = (text: string | undefined): Html => (text === undefined ? html`unreadable` : html`${timeTag(text)} UTC`)
  return [
    line(
      'Who',
      erased.includes('actor')
        ? gone
        : actor === undefined
          ? '–'
          : named(nameOfActor(actor), actor.id === undefined ? undefined : `${actor.type}/${actor.id}`),
    ),
    line('Action', event.action ?? 'unreadable'),
    ...(erased.includes('target')
      ? [line('Target', gone)]
      : targets.map((target) => line('Target', named(target.name, `${target.type}/${target.id}`)))),
    ...scope.map((one) => line('In', named(one.name, `${one.type}/${one.id}`))),
    line(
      'Outcome',
      [outcome ?? 'unreadable', reason?.code, reason?.text].filter((part) => part !== undefined).join(' · '),
    ),
    line('Happened', time(event.occurredAt)),
    line('Recorded', time(event.recordedAt)),
    line('Tenant', event.tenant),
    ...(erased.includes('context')
      ? [line('Where', gone)]
      : contextLines(context).map(([label, text]) => line(label, text))),
    ...(origin === undefined || (origin.kind === 'direct' && origin.flags === undefined)
      ? []
      : [
          line(
            'Came by',
            [origin.kind, origin.source, origin.sourceId, ...(origin.flags ?? [])]
              .filter((part) => part !== undefined)
              .join(' · '),
          ),
        ]),
  ]
}

const named = (name: string | undefined, id: string | undefined): Html =>
  namedText([name, id].map((text) => (text === undefined ? null : visibleText(text))) as unknown as Named)

const gone = html`<span class="erased">erased</span>`

function changes({ changes: all = [], erased }: ReadEvent): Html {
  if (erased.includes('changes'))
    return html`<h2>Changes</h2>
      <div class="panel note">${gone}</div>`
  if (all.length === 0) return html``
  const row = (change: Change): Html =>
    html`<tr>
      <th scope="row">${visibleText(fieldOf(change.path))}</th>
      <td class="old">${visibleText(describeValue(change.old, change.op === 'add'))}</td>
      <td class="new">${visibleText(describeValue(change.new, change.op === 'remove'))}</td>
    </tr>`
  return html`<h2>Changes</h2>
    <div class="panel">
      <table class="changes">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          ${all.map(row)}
        </tbody>
      </table>
    </div>`
}

function details({ details: all, erased }: ReadEvent): Html {
  if (erased.includes('details'))
    return html`<h2>Details</h2>
      <div class="panel note">${gone}</div>`
  if (all === undefined) return html``
  return html`<h2>Details</h2>
    <div class="panel">
      <dl>
        ${Object.entries(all).map(
          ([name, value]) =>
            html`<dt>${visibleText(name)}</dt>
              <dd>${textOf(value)}</dd>`,
        )}
      </dl>
    </div>`
}

const textOf = (value: Json): string => (typeof value === 'string' ? visibleText(value) : visibleJson(value))

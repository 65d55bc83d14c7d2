/** One event as a page for people: what happened, who, where, what changed, and what proves it. */
import type { AuditEvent, Json } from '../event/index.ts'
import { parseCheckpoint, parseNote } from '../log/index.ts'
import {
  contextLines,
  describeValue,
  fieldOf,
  nameOfActor,
  sentenceOf,
  type FoundEvent,
  type ReadEvent,
} from '../reader/index.ts'
import type { LogHead } from '../store/store.ts'
import { fillTo, widthOf } from './columns.ts'
import type { Io } from './io.ts'
import { formatCount } from './progress.ts'
import { escapeForTerminal, terminalJson } from './terminal.ts'
import { timeText } from './zone.ts'

/** A line of the page; without a label it stands for itself. */
type Line = [label: string, value: string] | [text: string]

export function eventPage({ event, head }: FoundEvent, io: Pick<Io, 'paint'>): string {
  return pageOf(event, io, false, section(io, 'Proof', proofLines(event, head)))
}

/** One of several: what proves it is left to `show`. */
export const eventBlock = (event: ReadEvent, io: Pick<Io, 'paint'>, utc: boolean): string =>
  pageOf(withoutOriginal(event), io, utc, [
    ['id', escapeForTerminal(event.id)],
    ['stands', standsAt(event)],
  ])

/** The line that an imported event was made of says all of it once more. */
function withoutOriginal(event: ReadEvent): ReadEvent {
  const { original, ...details } = event.details ?? {}
  return original === undefined ? event : { ...event, details: { ...details, original: '(kept: auditproof show)' } }
}

const standsAt = ({ tenant, index }: ReadEvent): string => `${escapeForTerminal(tenant)} #${index}`

function pageOf(event: ReadEvent, io: Pick<Io, 'paint'>, utc: boolean, ending: Line[]): string {
  const lines: Line[] = [
    ...(event.problem === undefined
      ? []
      : [[io.paint('red', `✗ ${escapeForTerminal(event.problem)} → auditproof verify`)] as Line, [''] as Line]),
    ...whoAndWhat(event),
    ...whenAndWhere(event, utc),
    ...section(io, 'Changes', changeLines(event)),
    ...section(io, 'Details', detailLines(event)),
    ...ending,
  ]
  const width = Math.max(...lines.map(([label, value]) => (value === undefined ? 0 : widthOf(label)))) + 2
  const body = lines.map(([label, value]) =>
    (value === undefined ? label : `${io.paint('dim', fillTo(label, width))}${value}`).trimEnd(),
  )
  return [io.paint('bold', escapeForTerminal(sentenceOf(event))), '', ...body, ''].join('\n')
}

const section = (io: Pick<Io, 'paint'>, title: string, lines: Line[]): Line[] =>
  lines.length === 0 ? [] : [[''], [io.paint('bold', title)], ...lines]

function whoAndWhat(event: ReadEvent): Line[] {
  const { actor, targets = [], scope = [], outcome, reason, severity, erased } = event
  return [
    [
      'who',
      erased.includes('actor')
        ? '(erased)'
        : [nameOfActor(actor), actor && `(${idOf(actor)})`, actor?.email, actor?.roles?.join(', ')]
            .filter((part) => part !== undefined)
            .map(escapeForTerminal)
            .join(' '),
    ],
    ['action', escapeForTerminal(event.action ?? '(unreadable)')],
    ...(erased.includes('target')
      ? [['what', '(erased)'] as Line]
      : targets.map((target, i): Line => [i === 0 ? 'what' : 'and', nameAndId(target)])),
    ...scope.map((one): Line => ['in', nameAndId(one)]),
    [
      'outcome',
      escapeForTerminal([outcome, reason?.code, reason?.text].filter((part) => part !== undefined).join(' · ')),
    ],
    ...(severity === undefined || severity === 'info' ? [] : [['severity', severity] as Line]),
  ]
}

/** As precise as it is known, and in the reader's own zone where that is another. */
function instant(time: string | undefined, utc: boolean): string {
  if (time === undefined) return '(unreadable)'
  const local = timeText(time, utc)
  return local.endsWith('Z') ? escapeForTerminal(time) : escapeForTerminal(`${time} (${local})`)
}

const idOf = ({ type, id }: { type: string; id?: string }): string => (id === undefined ? type : `${type}/${id}`)
const nameAndId = (reference: { type: string; id: string; name?: string }): string =>
  escapeForTerminal(reference.name === undefined ? idOf(reference) : `${reference.name} (${idOf(reference)})`)

function whenAndWhere(event: ReadEvent, utc: boolean): Line[] {
  const { context, erased, origin } = event
  return [
    ['happened', instant(event.occurredAt, utc)],
    ['recorded', instant(event.recordedAt, utc)],
    ...(erased.includes('context') ? [['where', '(erased)'] as Line] : []),
    ...contextLines(context).map(([label, text]): Line => [escapeForTerminal(label), escapeForTerminal(text)]),
    ...(origin === undefined || origin.kind === 'direct'
      ? []
      : [
          [
            'came by',
            valueText([origin.kind, origin.source, origin.sourceId].filter((part) => part !== undefined).join(' · ')),
          ] as Line,
        ]),
    ...(origin?.flags === undefined ? [] : [['flags', valueText(origin.flags.join(', '))] as Line]),
  ]
}

function changeLines({ changes = [], erased, erasedChanges = 0 }: ReadEvent): Line[] {
  if (erased.includes('changes')) return [['  (erased)']]
  const lines = changes.map((change): Line => [
    `  ${escapeForTerminal(fieldOf(change.path))}`,
    `${escapeForTerminal(describeValue(change.old, change.op === 'add'))} → ${escapeForTerminal(describeValue(change.new, change.op === 'remove'))}`,
  ])
  return erasedChanges > 0 ? [...lines, [`  (${erasedChanges} more, erased)`]] : lines
}

function detailLines({ details, erased }: ReadEvent): Line[] {
  if (erased.includes('details')) return [['  (erased)']]
  return Object.entries(details ?? {}).map(([name, value]): Line => [`  ${escapeForTerminal(name)}`, valueText(value)])
}

const valueText = (value: Json): string => (typeof value === 'string' ? escapeForTerminal(value) : terminalJson(value))

function proofLines(event: ReadEvent, head: LogHead): Line[] {
  return [
    ['  id', escapeForTerminal(event.id)],
    ['  tenant', escapeForTerminal(event.tenant)],
    ['  log', escapeForTerminal(event.log)],
    ['  index', `${formatCount(event.index)} of ${formatCount(head.size)}`],
    ['  leaf hash', event.leafHash],
    ['  checkpoint', checkpointText(event.index, head)],
  ]
}

/** What the store says; only `verify` with a key has checked it. */
function checkpointText(index: number, { published, origin }: LogHead): string {
  if (published === undefined || published.size <= index)
    return 'none over this event yet → auditproof checkpoint publish'
  try {
    const note = parseNote(published.note)
    const names = note.signatures.map(({ name }) => (name === origin ? 'its log' : name))
    return escapeForTerminal(
      `size ${formatCount(parseCheckpoint(note.text).size)}, signed by ${names.join(', ')}; not checked here`,
    )
  } catch {
    return 'cannot be read → auditproof verify'
  }
}

/** The event for programs, with the members of an event first. */
export function eventJson({ event, head }: FoundEvent): Partial<AuditEvent> & Record<string, unknown> {
  const { problem, ...rest } = event
  return { ...rest, publishedSize: head.published?.size ?? 0, ...(problem !== undefined && { problem }) }
}

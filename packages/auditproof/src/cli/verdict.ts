/** A verification in words: each check that was made, then what was not checked, then the verdict and the exit code. */
import type { Check, LogReport, ReceiptReport, Verdict, VerifyReport } from '../verify/index.ts'
import { sentenceOf } from '../reader/index.ts'
import { fillTo, widthOf } from './columns.ts'
import type { Io, Style } from './io.ts'
import { formatCount, plural } from './progress.ts'
import { escapeForTerminal } from './terminal.ts'
import { quoted } from './trail.ts'

/** Logs told one by one; of more only those that are not in order. */
const logsShownMax = 5
const badLogsShownMax = 20

type Paint = Pick<Io, 'paint'>

interface StoreContext {
  storePlace: string
  keyGiven: boolean
  ownKey: string | undefined
  exitCode: number
}

export function storeText(report: VerifyReport, context: StoreContext, io: Paint): string {
  const { logs, checks, notChecked, verdict } = report
  const entries = logs.reduce((sum, { size }) => sum + size, 0)
  return [
    `Reading ${escapeForTerminal(context.storePlace)}: ${plural(logs.length, 'log')}, ${plural(entries, 'entry', 'entries')}`,
    ...checkLines(checks, verdict, io),
    ...logLines(logs, io),
    ...notCheckedLines(notChecked, io),
    verdictLine(verdict, context.keyGiven, context.exitCode, io),
    ...nextOfStore(report, context),
    '',
  ].join('\n')
}

interface ReceiptContext {
  file: string
  keyGiven: boolean
  exitCode: number
}

export function receiptText(report: ReceiptReport, { file, keyGiven, exitCode }: ReceiptContext, io: Paint): string {
  const { event, withheld, origin, index, size, checks, notChecked, verdict } = report
  const left = withheld.length === 0 ? '' : `, without ${withheld.join(', ')}`
  const said = sentenceOf({ ...event, tenant: '', log: origin, index, leafHash: '', erased: withheld }).replaceAll(
    '(erased)',
    '(withheld)',
  )
  return [
    `Reading ${escapeForTerminal(file)}: one event of ${escapeForTerminal(origin)}, index ${formatCount(index)} of ${formatCount(size)}${left}; no network used`,
    io.paint('bold', escapeForTerminal(said)),
    `${event.occurredAt}, recorded ${event.recordedAt}, id ${event.id}`,
    ...checkLines(checks, verdict, io),
    ...notCheckedLines(notChecked, io),
    verdictLine(verdict, keyGiven, exitCode, io),
    ...(verdict === 'not-checkable' && !keyGiven
      ? [
          `  → get the public key from its owner by another way, then: auditproof verify ${escapeForTerminal(quoted(file))} --key KEY`,
        ]
      : []),
    '',
  ].join('\n')
}

/** `!` where a check could not be made, which is neither good nor bad. */
function checkLines(checks: readonly Check[], verdict: Verdict, io: Paint): string[] {
  const width = Math.max(0, ...checks.map(({ name }) => widthOf(escapeForTerminal(name)))) + 3
  return checks.map(({ name, ok, detail }) => {
    const bad = verdict === 'tampered' && !isAboutTheKey(detail)
    const [mark, style]: [string, Style] = ok ? ['✓', 'green'] : bad ? ['✗', 'red'] : ['!', 'yellow']
    return `${io.paint(style, mark)} ${fillTo(escapeForTerminal(name), width)}${escapeForTerminal(detail)}`
  })
}

const isAboutTheKey = (detail: string): boolean => /no key is pinned|the key pinned is/.test(detail)

function logLines(logs: readonly LogReport[], io: Paint): string[] {
  const wrong = logs.filter(({ verdict }) => verdict === 'tampered')
  const lines = wrong.slice(0, badLogsShownMax).map((log) => {
    const where =
      log.firstBad === null
        ? ''
        : typeof log.firstBad === 'number'
          ? ` at index ${log.firstBad}`
          : ` between ${log.firstBad[0]} and ${log.firstBad[1]}`
    return `${io.paint('red', '✗')} tenant ${escapeForTerminal(log.tenant)}${where}: ${escapeForTerminal(log.reason ?? 'disagrees with what was signed')}`
  })
  if (wrong.length > lines.length)
    lines.push(`  … and ${plural(wrong.length - lines.length, 'more log')} like that (--json lists all)`)
  if (wrong.length > 0) return lines
  const shown = logs
    .slice(0, logsShownMax)
    .map(
      ({ tenant, size, origin }) =>
        `  ${escapeForTerminal(tenant)}: ${plural(size, 'entry', 'entries')}, log ${escapeForTerminal(origin)}`,
    )
  if (logs.length > shown.length)
    shown.push(`  … and ${plural(logs.length - shown.length, 'more log')} (--json lists all)`)
  return shown
}

const inWords: { readonly [name: string]: string } = {
  rollback:
    'rollback: whether the whole store was put back to an older state; for that keep a checkpoint elsewhere and give it with --since',
}

const notCheckedLines = (notChecked: readonly string[], io: Paint): string[] =>
  notChecked
    .slice(0, badLogsShownMax)
    .map(
      (what, i) =>
        `${io.paint('yellow', fillTo(i === 0 ? 'Not checked' : '', 13))}${escapeForTerminal(inWords[what] ?? what)}`,
    )

function verdictLine(verdict: Verdict, keyGiven: boolean, exitCode: number, io: Paint): string {
  const [text, style] = verdictWords(verdict, keyGiven)
  return `${io.paint('bold', io.paint(style, fillTo(text, 40)))} exit ${exitCode}`
}

function verdictWords(verdict: Verdict, keyGiven: boolean): [string, Style] {
  if (verdict === 'verified') return ['VERIFIED', 'green']
  if (verdict === 'tampered') return ['TAMPERED', 'red']
  return [keyGiven ? 'NOT CHECKABLE' : 'CONSISTENT, SIGNER UNCONFIRMED', 'yellow']
}

function nextOfStore({ verdict, logs, notChecked }: VerifyReport, { keyGiven, ownKey }: StoreContext): string[] {
  if (verdict === 'tampered') {
    const bad = logs.find((log) => log.verdict === 'tampered' && log.firstBad !== null)
    const index = bad === undefined ? undefined : typeof bad.firstBad === 'number' ? bad.firstBad : bad.firstBad![0]
    return [
      `  → leave the store as it is, copy it, and find out who changed it`,
      ...(index === undefined || index >= bad!.size
        ? []
        : [`  → auditproof show ${index} --tenant ${escapeForTerminal(quoted(bad!.tenant))} --raw`]),
    ]
  }
  if (verdict === 'not-checkable' && !keyGiven)
    return [
      `  → give the public key, as you have it from another place than this store: auditproof verify --key ${ownKey === undefined ? 'KEY' : 'FILE'}`,
    ]
  if (notChecked.includes('rollback'))
    return ['  → for the next time: auditproof checkpoint > today.checkpoint, kept elsewhere']
  return []
}

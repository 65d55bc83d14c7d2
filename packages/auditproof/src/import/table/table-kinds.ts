/** The systems whose audit tables can be read. */
import { AuditError } from '../../errors.ts'
import { dashboard } from './dashboard.ts'
import { embedded } from './embedded.ts'
import { lawfirm } from './lawfirm.ts'
import { mailarchive } from './mailarchive.ts'
import { recorder } from './recorder.ts'
import type { TableKind } from './table-kind.ts'

export const tableKindNames = ['dashboard', 'lawfirm', 'recorder', 'mailarchive', 'embedded'] as const
export type TableKindName = (typeof tableKindNames)[number]

export const tableKinds: { readonly [name in TableKindName]: TableKind } = {
  dashboard,
  lawfirm,
  recorder,
  mailarchive,
  embedded,
}

/**
 * @param where the table, for the message
 * @throws AuditError `usage` naming the columns that are missing, and the kinds that would fit
 */
export function checkColumns(kind: TableKind, columns: readonly string[], where: string): void {
  const missing = missingOf(kind, columns)
  if (missing.length === 0) return
  const fitting = tableKindNames.filter((name) => missingOf(tableKinds[name], columns).length === 0)
  throw new AuditError('usage', `${where} is no table of ${kind.name}: it lacks ${missing.join(', ')}.`, {
    hint:
      fitting.length > 0
        ? `its columns fit --like ${fitting.join(' or ')}`
        : `it has ${columns.slice(0, 40).join(', ')}; name another with --table, or make a view with the names that are missing`,
  })
}

const missingOf = ({ needs }: TableKind, columns: readonly string[]): string[] =>
  needs.filter((name) => !columns.includes(name))

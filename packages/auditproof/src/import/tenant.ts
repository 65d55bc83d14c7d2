/** Whose event it is, read out of the record: by a JSON pointer, or by the paths of the files a commit touched. */
import { AuditError } from '../errors.ts'
import type { Fields } from './fields.ts'
import { textOf } from './foreign.ts'
import { pointerTokens } from './pointer.ts'

/** Undefined where the record does not tell: the event then goes to `_unassigned`. */
export type TenantOf = (record: Fields) => string | undefined

const pathPrefix = 'path:'

export const isPathPattern = (text: string): boolean => text.startsWith(pathPrefix)

/** @throws AuditError `usage` with the form that is meant */
export function parseTenantFrom(text: string): TenantOf {
  return isPathPattern(text) ? parsePathPattern(text) : parsePointer(text)
}

/** A number becomes text; a value that is neither is no tenant. */
function parsePointer(text: string): TenantOf {
  const tokens = pointerTokens(text)
  if (tokens === undefined)
    throw new AuditError(
      'usage',
      `--tenant-from ${JSON.stringify(text)} is neither a JSON pointer nor a path pattern.`,
      {
        hint: 'write /member/member with ~1 for "/" and ~0 for "~", or path:folder/*/{tenant}/ for commits',
      },
    )
  return (record) => {
    const value = record.at(tokens)
    return typeof value === 'boolean' ? undefined : textOf(value)
  }
}

/**
 * `*` stands for one segment, `{tenant}` for the one that is taken, a final slash for "and anything below".
 * The first of the commit's files that matches decides, else the repository's name.
 */
function parsePathPattern(text: string): TenantOf {
  const pattern = text.slice(pathPrefix.length)
  const isPrefix = pattern.endsWith('/')
  const segments = (isPrefix ? pattern.slice(0, -1) : pattern).split('/')
  const captured = segments.indexOf('{tenant}')
  const problem =
    captured === -1 || segments.lastIndexOf('{tenant}') !== captured
      ? 'needs {tenant} once, as a whole segment'
      : segments.includes('')
        ? 'has an empty segment'
        : segments.some((segment, at) => at !== captured && segment !== '*' && /[*{}]/.test(segment))
          ? 'has * or braces within a segment; they stand for whole segments'
          : undefined
  if (problem !== undefined)
    throw new AuditError('usage', `--tenant-from ${JSON.stringify(text)} ${problem}.`, {
      hint: 'for example path:namespaces/*/{tenant}/ takes "shop" from namespaces/live/shop/main.tf',
    })
  const matches = (path: string[]): boolean =>
    (isPrefix ? path.length > segments.length : path.length === segments.length) &&
    segments.every((segment, at) => path[at] !== '' && (segment === '*' || at === captured || segment === path[at]))
  return (record) => {
    for (const file of record.objects('files')) {
      const path = file.text('path')?.split('/')
      if (path !== undefined && matches(path)) return path[captured]
    }
    return record.text('repo')
  }
}

import { limits } from '../event/limits.ts'

/**
 * An action of parts, `s3.GetObject`, within the closed vocabulary of a clear member; the record's own words stay in
 * the original. `unclassified` where nothing is left.
 */
export function actionOf(...parts: (string | undefined)[]): string {
  const action = parts
    .filter((part) => part !== undefined)
    .join('.')
    .replaceAll(/[^A-Za-z0-9_.:/-]+/g, '_')
    // The grammar wants single separators between words.
    .replaceAll(/([.:/-])[.:/-]+/g, '$1')
    .replaceAll(/^[.:/-]+/g, '')
    .slice(0, limits.actionCharsMax)
    .replace(/[.:/-]+$/, '')
  return action === '' ? 'unclassified' : action
}

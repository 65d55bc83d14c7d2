/** Lets SQLite report an error of the disk at one statement, as it does when the file system fails under it. */
import { DatabaseSync, StatementSync } from 'node:sqlite'

const resultCodes = { EIO: 10, CORRUPT: 11 }

/** The next `times` times that the method runs. @returns the connections on which it failed; and how to mend it */
export function breakNext(
  method: 'COMMIT' | 'read',
  error: keyof typeof resultCodes,
  times = 1,
): { failed: unknown[]; mend: () => void } {
  const failed: unknown[] = []
  const fail = (on: unknown): never => {
    failed.push(on)
    throw Object.assign(new Error(`injected ${error}`), { errcode: resultCodes[error] })
  }
  const { exec } = DatabaseSync.prototype
  const { all, get } = StatementSync.prototype
  const mend = (): void => {
    DatabaseSync.prototype.exec = exec
    Object.assign(StatementSync.prototype, { all, get })
  }
  if (method === 'COMMIT')
    DatabaseSync.prototype.exec = function (sql) {
      if (sql === 'COMMIT' && failed.length < times) fail(this)
      return exec.call(this, sql)
    }
  else
    for (const [name, original] of Object.entries({ all, get }))
      Object.assign(StatementSync.prototype, {
        [name](...values: unknown[]) {
          if (failed.length < times) fail(this)
          return Reflect.apply(original, this, values) as unknown
        },
      })
  return { failed, mend }
}

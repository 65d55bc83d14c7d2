import { readFileSync } from 'node:fs'

/** The version in package.json, which lies two folders up from sources and build alike. */
export function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return text
}

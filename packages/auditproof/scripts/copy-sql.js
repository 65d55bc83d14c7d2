// tsc emits only TypeScript; the .sql files the store reads at run time go beside the emitted modules.
import { cpSync } from 'node:fs'

const root = new URL('..', import.meta.url)
cpSync(new URL('src/', root), new URL('dist/', root), {
  recursive: true,
  filter: (source) => !/\.[^/]+$/.test(source) || source.endsWith('.sql') || source.endsWith('/'),
})

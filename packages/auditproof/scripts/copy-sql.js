// tsc emits only TypeScript; what is read at run time goes beside the emitted modules: the store's .sql files and what
// they make (.jsonl), and the page's scripts.
import { cpSync } from 'node:fs'

const root = new URL('..', import.meta.url)
cpSync(new URL('src/', root), new URL('dist/', root), {
  recursive: true,
  filter: (source) =>
    !/\.[^/]+$/.test(source) ||
    /\.(?:sql|jsonl)$/.test(source) ||
    /\/page\/live[^/]*\.js$/.test(source) ||
    source.endsWith('/'),
})

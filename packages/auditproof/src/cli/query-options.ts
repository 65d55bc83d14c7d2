/** What is looked for, and how it is shown: the options that `log`, `tail` and `stats` have in common. */
import type { Command } from 'commander'
import { AuditError } from '../errors.ts'
import { formatQuery, type Term } from '../query/index.ts'
import { parseFilter, type Filter } from '../reader/index.ts'

export interface QueryOptions {
  query?: string
  grep?: string
  since?: string
  until?: string
  actor?: string
  action?: string
  target?: string
  outcome?: string
  ip?: string
}

export function addQueryOptions(command: Command): Command {
  return command
    .option('-q, --query <query>', "the search grammar: 'actor:user/u_7 -outcome:success' (docs/search.md)")
    .option('-g, --grep <words>', 'these words in a row')
    .option('-S, --since <time>', 'happened at this time or after')
    .option('-U, --until <time>', 'happened before')
    .option('--actor <type/id>', 'who did it')
    .option('--action <action>', 'what was done')
    .option('--target <type/id>', 'what it was done to')
    .option('--outcome <outcome>', 'success, failure, denied or unknown')
    .option('--ip <address>', 'from this address or network')
}

/** @throws AuditError `usage` */
export function filterOf(options: QueryOptions, tenant: string | undefined, now: number): Filter {
  const { query: q, grep, since, until, actor, action, target, outcome, ip } = options
  const filter = parseFilter({ q, tenant, actor, action, target, outcome, ip, since, until }, now)
  return grep === undefined ? filter : { ...filter, query: { terms: [...filter.query.terms, wordsTerm(grep)] } }
}

function wordsTerm(text: string): Term {
  if (text.trim() === '')
    throw new AuditError('usage', '-g holds no word to look for.', { hint: "for example -g 'final invoice'" })
  return { kind: 'word', text, phrase: /\S\s+\S/.test(text), prefix: false, negated: false }
}

/** For a person to see what matched nothing. */
export const filterText = ({ query, tenant }: Filter): string =>
  [formatQuery(query), ...(tenant === undefined ? [] : [`of tenant ${tenant}`])].filter((part) => part !== '').join(' ')

export const queryNotes = `
Times are UTC unless they say otherwise: 2026-03-01, 2026-03-01T10:00Z, 7d (seven days ago), 12h, now, today, yesterday;
--since is inclusive, --until is not. A * at the end of a value matches any ending. Words are found a moment after an
event is recorded, everything else at once.`

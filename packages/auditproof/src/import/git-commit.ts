/**
 * One commit as an event. A record is a line of commit NDJSON, or what `readRepository` makes of `git log`:
 * repo, commit, parents, author_name, author_email, author_time, committer_…, subject, files_changed,
 * files: [{ op, path }].
 */
import type { ActorInput } from '../event/event.ts'
import type { JsonObject } from '../event/json.ts'
import { limits } from '../event/limits.ts'
import { parseTime } from '../event/time.ts'
import { listOf, member, objectOf, present, textOf } from './foreign.ts'
import { noTime, type Mapped } from './mapped.ts'

/** Why this is no commit. */
export const commitProblem = (record: JsonObject): string | undefined =>
  textOf(member(record, 'commit')) === undefined ? 'it is no commit: it has no member "commit"' : undefined

export function mapCommit(record: JsonObject): Mapped {
  const text = (name: string): string | undefined => textOf(member(record, name))
  const parents = listOf(member(record, 'parents'))
  const paths = listOf(member(record, 'files')).flatMap((file) => textOf(member(objectOf(file), 'path')) ?? [])
  const repo = text('repo')
  const time = text('committer_time')
  return present({
    // Never the subject: an action stands in the entry for ever and is of a closed vocabulary.
    action: parents.length >= 2 ? 'commit.merge' : 'commit.create',
    sourceId: text('commit'),
    instance: repo,
    event: present({
      occurredAt: parseTime(time) ?? time ?? noTime,
      outcome: 'success' as const,
      actor: authorOf(record),
      targets: paths.slice(0, limits.targetsMax).map((id) => ({ type: 'file', id })),
      scope: repo === undefined ? undefined : [{ type: 'repository', id: repo }],
      details: present({
        commit: text('commit'),
        subject: text('subject'),
        authoredAt: parseTime(text('author_time')) ?? text('author_time'),
        filesChanged: Math.max(Number(text('files_changed')) || 0, paths.length),
      }),
    }),
  })
}

/** The author acts; a committer who is somebody else is the way the commit came: GitHub, a colleague who applied it. */
function authorOf(record: JsonObject): ActorInput | undefined {
  const text = (name: string): string | undefined => textOf(member(record, name))
  const name = text('author_name')
  const email = text('author_email')
  const id = email ?? name
  if (id === undefined) return undefined
  const isCommitter = text('committer_email') === email && text('committer_name') === name
  return present({
    type: name?.endsWith('[bot]') === true ? ('service' as const) : ('user' as const),
    id,
    name,
    email,
    via: isCommitter ? undefined : (text('committer_name') ?? text('committer_email')),
  })
}

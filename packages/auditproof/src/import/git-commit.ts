/**
 * One commit as an event. A record is a line of commit NDJSON, or what `readRepository` makes of `git log`:
 * repo, commit, parents, author_name, author_email, author_time, committer_…, subject, files_changed,
 * files: [{ op, path }].
 */
import type { ActorInput } from '../event/event.ts'
import { limits } from '../event/limits.ts'
import { parseTime } from '../event/time.ts'
import type { Fields } from './fields.ts'
import { present } from './foreign.ts'
import { noTime, type Mapped } from './mapped.ts'

/** Why this is no commit. */
export const commitProblem = (record: Fields): string | undefined =>
  record.text('commit') === undefined ? 'it is no commit: it has no member "commit"' : undefined

export function mapCommit(record: Fields): Mapped {
  const parents = record.list('parents')
  const paths = record.objects('files').flatMap((file) => file.text('path') ?? [])
  const repo = record.text('repo')
  const time = record.text('committer_time')
  return present({
    // Never the subject: an action stands in the entry for ever and is of a closed vocabulary.
    action: parents.length >= 2 ? 'commit.merge' : 'commit.create',
    sourceId: record.text('commit'),
    instance: repo,
    event: present({
      occurredAt: parseTime(time) ?? time ?? noTime,
      outcome: 'success' as const,
      actor: authorOf(record),
      targets: paths.slice(0, limits.targetsMax).map((id) => ({ type: 'file', id })),
      scope: repo === undefined ? undefined : [{ type: 'repository', id: repo }],
      details: present({
        commit: record.text('commit'),
        subject: record.text('subject'),
        authoredAt: parseTime(record.text('author_time')) ?? record.text('author_time'),
        filesChanged: Math.max(Number(record.text('files_changed')) || 0, paths.length),
      }),
    }),
  })
}

/** The author acts; a committer who is somebody else is the way the commit came: GitHub, a colleague who applied it. */
function authorOf(record: Fields): ActorInput | undefined {
  const name = record.text('author_name')
  const email = record.text('author_email')
  const id = email ?? name
  if (id === undefined) return undefined
  const isCommitter = record.text('committer_email') === email && record.text('committer_name') === name
  return present({
    type: name?.endsWith('[bot]') === true ? ('service' as const) : ('user' as const),
    id,
    name,
    email,
    via: isCommitter ? undefined : (record.text('committer_name') ?? record.text('committer_email')),
  })
}

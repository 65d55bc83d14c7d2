/**
 * The history of a git repository as commit records, oldest first, with the members of commit NDJSON: both then go
 * through one mapping, and a commit has the same id by either way.
 *
 * A merge lists no files: what it brings is in the commits it merges. Renames are a D and an A, so that a path never
 * depends on git's guess. What the repository or its user configured (mailmap, replacements, pagers, textconv) is
 * switched off: the records are the objects', and nothing the repository names is run.
 */
import { spawn } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { AuditError } from '../errors.ts'
import { importLimits } from './limits.ts'

export interface CommitRecord {
  repo: string
  commit: string
  parents: string[]
  author_name: string
  author_email: string
  author_time: string
  committer_name: string
  committer_email: string
  committer_time: string
  subject: string
  files_changed: number
  files: { op: string; path: string }[]
}

/**
 * The commits that HEAD reaches.
 * @param path the work tree's root, or a bare repository
 * @param repo its name; else `owner/name` of the remote `origin`, else the folder's name
 * @throws AuditError `input_malformed`: no repository, a shallow one, git missing or failing
 */
export async function* readRepository(path: string, repo?: string): AsyncGenerator<CommitRecord> {
  const root = await realpath(path).catch((cause: unknown) => {
    throw new AuditError('input_malformed', `${path} does not exist.`, { hint: 'check the path', cause })
  })
  if ((await gitText(root, ['rev-parse', '--is-shallow-repository'])).trim() === 'true')
    throw new AuditError('input_malformed', `${path} is a shallow clone: its oldest commits would be told wrongly.`, {
      hint: 'fetch the rest with git fetch --unshallow and import again',
    })
  const name = repo ?? (await repositoryName(root))
  const head = await gitText(root, ['rev-parse', '--verify', '--quiet', 'HEAD'], [1])
  if (head === '') return // no commit yet
  yield* parseLog(name, git(root, ['log', ...logOptions, head.trim(), '--']))
}

const logOptions = [
  '-z',
  '--reverse',
  // A parent comes before its children; otherwise the order of commit times.
  '--date-order',
  '--name-status',
  '--no-renames',
  '--diff-merges=off',
  '--no-mailmap',
  '--no-notes',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--ignore-submodules=none',
  // Cancels diff.orderFile: the first file decides the tenant.
  '-O/dev/null',
  '--encoding=UTF-8',
  '--format=%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%s',
]

const statusToken = /^\n?([A-Z])\d*$/

/** With -z every field, status and path ends in NUL; a hash where a status may stand begins the next commit. */
async function* parseLog(repo: string, chunks: AsyncIterable<string>): AsyncGenerator<CommitRecord> {
  const tokens = splitOnNul(chunks)
  let next = await tokens.next()
  const take = async (): Promise<string> => {
    if (next.done === true) throw new AuditError('input_malformed', `git log of ${repo} ended within a commit.`)
    const token = next.value
    next = await tokens.next()
    return token
  }
  while (next.done !== true) {
    const commit = await take()
    const parents = (await take()).split(' ').filter((hash) => hash !== '')
    const record: CommitRecord = {
      repo,
      commit,
      parents,
      author_name: await take(),
      author_email: await take(),
      author_time: await take(),
      committer_name: await take(),
      committer_email: await take(),
      committer_time: await take(),
      subject: await take(),
      files_changed: 0,
      files: [],
    }
    for (let op = statusOf(next); op !== undefined; op = statusOf(next)) {
      await take()
      const path = await take()
      record.files_changed++
      if (record.files.length < importLimits.commitFilesMax) record.files.push({ op, path })
    }
    yield record
  }
}

const statusOf = (next: IteratorResult<string, void>): string | undefined =>
  next.done === true ? undefined : statusToken.exec(next.value)?.[1]

async function* splitOnNul(chunks: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = ''
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\0')
    rest = parts.pop()!
    yield* parts
  }
  if (rest.trim() !== '') yield rest
}

/** `owner/name` of an address, never what stands before the host: that may be a token. */
async function repositoryName(root: string): Promise<string> {
  const url = (await gitText(root, ['config', '--get', 'remote.origin.url'], [1])).trim()
  const path = /^(?:[a-z+]+:\/\/[^/]+\/|[^/:]+:)(.+)$/i.exec(url)?.[1]
  const name = path?.split('/').filter(Boolean).slice(-2).join('/') ?? basename(root)
  return name.replace(/\.git$/, '') || basename(dirname(root))
}

async function gitText(root: string, args: string[], alsoFine: number[] = []): Promise<string> {
  let text = ''
  for await (const chunk of git(root, args, alsoFine)) text += chunk
  return text
}

/** git's standard output. No shell; a caller who stops reading stops git. */
async function* git(root: string, args: string[], alsoFine: number[] = []): AsyncGenerator<string> {
  const config = ['-c', 'log.showRoot=true', '-c', 'log.showSignature=false']
  const child = spawn('git', ['-C', root, '--no-pager', '--no-replace-objects', ...config, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(root),
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, 4096)
  })
  const ended = new Promise<{ code: number | null; error?: Error }>((settle) => {
    child.once('error', (error) => settle({ code: null, error }))
    child.once('close', (code) => settle({ code }))
  })
  try {
    yield* child.stdout.setEncoding('utf8') as AsyncIterable<string>
    const { code, error } = await ended
    if (error !== undefined || (code !== 0 && !alsoFine.includes(code ?? -1))) throw gitFailed(root, complaint, error)
  } finally {
    if (child.exitCode === null) child.kill()
  }
}

/** Without what git would be told from outside: only the repository at `root` is meant, none above it. */
function environment(root: string): NodeJS.ProcessEnv {
  const {
    GIT_DIR: _dir,
    GIT_WORK_TREE: _tree,
    GIT_INDEX_FILE: _index,
    GIT_OBJECT_DIRECTORY: _objects,
    ...rest
  } = process.env
  return {
    ...rest,
    GIT_CEILING_DIRECTORIES: dirname(resolve(root)),
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  }
}

function gitFailed(root: string, complaint: string, cause: Error | undefined): AuditError {
  if (cause !== undefined && 'code' in cause && cause.code === 'ENOENT')
    return new AuditError('input_malformed', `${root} cannot be read: there is no git program.`, {
      hint: 'install git, or export the commits as NDJSON elsewhere and import that file',
      cause,
    })
  if (complaint.includes('not a git repository'))
    return new AuditError('input_malformed', `${root} is no git repository.`, {
      hint: "name the work tree's root or a bare repository, or a file of commit NDJSON",
    })
  return new AuditError(
    'input_malformed',
    `git cannot read ${root}: ${complaint.trim().split('\n')[0] || 'it failed'}`,
    {
      hint: 'run git log there to see the whole message',
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

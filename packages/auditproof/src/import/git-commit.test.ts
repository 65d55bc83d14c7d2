import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import * as gitCommit from './git-commit.ts'

const mapCommit = (members: JsonObject): ReturnType<typeof gitCommit.mapCommit> =>
  gitCommit.mapCommit(new Fields(members))
const commitProblem = (members: JsonObject): string | undefined => gitCommit.commitProblem(new Fields(members))

const commit: JsonObject = {
  repo: 'acme/env',
  commit: 'abc',
  parents: ['p1'],
  author_name: 'Ada',
  author_email: 'ada@example.org',
  author_time: '2020-01-01T10:00:00+01:00',
  committer_name: 'GitHub',
  committer_email: 'noreply@github.com',
  committer_time: '2020-01-01T00:30:00+01:00',
  subject: 'a subject',
  files_changed: 1,
  files: [{ op: 'M', path: 'a/b.tf' }],
}

test('a commit becomes an act of its author, by way of its committer, at the committer time in UTC', () => {
  expect(mapCommit(commit)).toEqual({
    action: 'commit.create',
    sourceId: 'abc',
    instance: 'acme/env',
    event: {
      occurredAt: '2019-12-31T23:30:00Z',
      outcome: 'success',
      actor: { type: 'user', id: 'ada@example.org', name: 'Ada', email: 'ada@example.org', via: 'GitHub' },
      targets: [{ type: 'file', id: 'a/b.tf' }],
      scope: [{ type: 'repository', id: 'acme/env' }],
      details: { commit: 'abc', subject: 'a subject', authoredAt: '2020-01-01T09:00:00Z', filesChanged: 1 },
    },
  })
})

test('two parents make a merge, the subject never does', () => {
  expect(mapCommit({ ...commit, parents: ['p1', 'p2'] }).action).toBe('commit.merge')
  expect(mapCommit({ ...commit, subject: 'Merge branch x' }).action).toBe('commit.create')
})

test('an author who committed himself came by no other way, and a bot is a service', () => {
  const own = { ...commit, committer_name: 'Ada', committer_email: 'ada@example.org' }
  expect(mapCommit(own).event.actor).not.toHaveProperty('via')
  expect(mapCommit({ ...commit, author_name: 'dependabot[bot]' }).event.actor).toMatchObject({ type: 'service' })
})

test('a hundred files are targets, the number of all is kept', () => {
  const files = Array.from({ length: 130 }, (_, n) => ({ op: 'A', path: `f${n}` }))
  const { event } = mapCommit({ ...commit, files_changed: 2000, files })
  expect(event.targets).toHaveLength(100)
  expect(event.details).toMatchObject({ filesChanged: 2000 })
})

test('a time that is none is handed on for the event layer to flag', () => {
  expect(mapCommit({ ...commit, committer_time: '2017-01-01T00:00:00+518:00' }).event.occurredAt).toBe(
    '2017-01-01T00:00:00+518:00',
  )
})

test('a commit has a hash; anything else may be of any type', () => {
  expect(commitProblem({ action: 'x' })).toMatch(/no commit/)
  const weird = fc.dictionary(fc.constantFrom(...Object.keys(commit)), fc.jsonValue())
  fc.assert(
    fc.property(weird, (members) => {
      const { action, event } = mapCommit(members as JsonObject)
      expect(action).toMatch(/^commit\.(create|merge)$/)
      expect(typeof event.occurredAt).toBe('string')
    }),
  )
})
